package virt

import (
	"encoding/json"
	"path"
	"strings"
)

// backingFile returns the file that a backing store names, in the shortest
// form, so that it can be compared with the paths of volumes: qcow2 may hold
// "./../images/a" and QEMU's "json:{…}" as well. What names no file is
// returned as it is. Symbolic links are not followed.
func backingFile(name string) string {
	if text, ok := strings.CutPrefix(name, "json:"); ok {
		var node map[string]any
		if json.Unmarshal([]byte(text), &node) != nil {
			return name
		}
		file := nodeFile(node)
		if file == "" {
			return name
		}
		name = file
	}
	name = strings.TrimPrefix(name, "file:")
	if !path.IsAbs(name) {
		return name
	}
	return path.Clean(name)
}

// nodeFile finds the file of a QEMU block node, however it is nested. Source:
// qemu(1), "-blockdev"; keys may be flattened with dots.
func nodeFile(node map[string]any) string {
	for _, key := range []string{"filename", "file.filename", "file.file.filename"} {
		if s, ok := node[key].(string); ok {
			return s
		}
	}
	if s, ok := node["file"].(string); ok {
		return s
	}
	if inner, ok := node["file"].(map[string]any); ok {
		return nodeFile(inner)
	}
	return ""
}
