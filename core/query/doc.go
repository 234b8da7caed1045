// Package query is the one language that asks for objects: the search box, the
// command line and saved views speak it.
//
//	web state:running host:kvm*,db? tag:web mem>4G ip:10.0.0.0/8 -folder:/old/*
//
// Terms are joined by "and" (which may be left out) and "or", turned around by
// "-" or "not", and grouped by parentheses. The values of one field, split by
// commas, are joined by "or". Quotes make one word of what has spaces.
//
// [Parse] compiles a text once; [Query.Match] then looks at a [Row] without
// allocating. What is not known of an object is neither so nor not so: "os:debian"
// and "-os:debian" both pass over a VM whose system nobody knows ([Unknown]).
//
// Upper and lower case, and letters with and without accents, are the same.
package query
