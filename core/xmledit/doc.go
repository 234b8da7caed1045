// Package xmledit edits libvirt's XML without losing what it does not know.
//
// A document is parsed into a tree that remembers how everything was written:
// quotes, entities, white space, comments, CDATA, <a/> or <a></a>, the order of
// attributes, namespace prefixes. [Doc.String] prints it back byte for byte,
// and an edit changes the bytes of the edited node alone. Why this is our own
// and not a library: docs/decisions/0003-xml-editor.md.
//
// Reading never fails: every reading method may be called on a nil *[Element],
// which has no name, no attributes, no text and no children, so
//
//	dom.Root().Child("os").Child("type").Attr("machine")
//
// is "" when any part of it is missing. Values given to an edit are escaped
// here and nowhere else. A document is not for concurrent use.
package xmledit
