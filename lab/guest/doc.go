// Package guest builds the lab's guests from Debian's packages and keeps them in
// a cache: a tiny one that reaches user space in seconds under TCG, and a real
// Debian cloud image.
//
// Packages come through apt with the machine's own sources and are only
// unpacked, never installed on the machine. It needs the packages that
// [Packages] names, and root for the cloud image (mmdebstrap).
//
// The cache holds a directory for each guest and recipe, NAME-KEY, with the
// image and a list of the packages in it. The key covers the files under recipe/,
// recipeVersion, and the package versions that apt's lists name; an apt-get update
// that brings newer ones leads to a new directory. Old ones are not removed:
// overlays may stand on them.
//
// A boot begins in recipe/tiny/init and recipe/cloud/init.
package guest
