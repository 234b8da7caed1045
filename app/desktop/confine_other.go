//go:build desktop && !linux

package desktop

// confine does nothing here: the page's policy forbids frames and scripts from
// elsewhere, and Wails lets only our own origin call the binding.
func confine(bool, func(string)) {}
