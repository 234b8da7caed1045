package virt

import "testing"

func TestBackingFileIsNamedInItsShortestForm(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"/pool/a.qcow2":          "/pool/a.qcow2",
		"/pool/./../pool//a":     "/pool/a",
		"file:/pool/a":           "/pool/a",
		"nbd://host/x":           "nbd://host/x",
		"json:{":                 "json:{",
		`json:{"driver":"null"}`: `json:{"driver":"null"}`,
		`json:{"driver":"qcow2","file":{"driver":"file","filename":"/pool/b"}}`:            "/pool/b",
		`json:{"driver":"qcow2","file.driver":"file","file.filename":"/pool/./b"}`:         "/pool/b",
		`json:{"driver":"raw","file":{"driver":"raw","file":{"filename":"/pool/../p/b"}}}`: "/p/b",
	} {
		if got := backingFile(in); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}
