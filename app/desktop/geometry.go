package desktop

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// The window's smallest size, and its first one, in pixels.
const (
	minWidth, minHeight     = 1024, 640
	firstWidth, firstHeight = 1360, 860
	maxEdge                 = 16384
)

// geometry is where a window stood. Wayland tells no place: X and Y are 0 there.
type geometry struct {
	Width, Height int
	X, Y          int
	Placed        bool // X and Y are known
	Maximised     bool
}

// loadGeometry reads what saveGeometry wrote; anything else is a window's first
// geometry, for a file that is damaged must not keep the window shut.
func loadGeometry(path string) geometry {
	first := geometry{Width: firstWidth, Height: firstHeight}
	text, err := os.ReadFile(path)
	if err != nil || len(text) > 4096 {
		return first
	}
	g := first
	if json.Unmarshal(text, &g) != nil || g.Width > maxEdge || g.Height > maxEdge || g.X < -maxEdge || g.X > maxEdge || g.Y < -maxEdge || g.Y > maxEdge {
		return first
	}
	g.Width, g.Height = max(g.Width, minWidth), max(g.Height, minHeight)
	return g
}

// saveGeometry replaces the file at path as a whole.
func saveGeometry(path string, g geometry) error {
	text, err := json.Marshal(g)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it is gone by then, when all went well
	_, err = f.Write(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// onScreen reports whether a window at the geometry's place would be seen on
// screens that together are so wide and high.
func (g geometry) onScreen(width, height int) bool {
	const visible = 100 // of its title bar
	return g.Placed && g.X > -g.Width+visible && g.X < width-visible && g.Y >= 0 && g.Y < height-visible
}
