package compose

import (
	"os"
	"os/user"
	"runtime"
	"strings"

	"github.com/limiquantix/limiquantix/core/app"
)

// about says what this process is. What cannot be found out stays empty.
func about(c Config) app.About {
	a := app.About{Version: c.Version, Home: c.Home, OS: runtime.GOOS, Demo: c.Fleet != nil}
	if u, err := user.Current(); err == nil {
		a.User = strings.ToValidUTF8(u.Username, "\uFFFD")
	}
	if name, err := os.Hostname(); err == nil {
		a.Computer = strings.ToValidUTF8(name, "\uFFFD")
	}
	return a
}
