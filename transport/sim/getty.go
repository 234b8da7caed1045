package sim

// getty is login on a terminal: it echoes names, asks for passwords, and lets
// nobody in.
type getty struct {
	name string // of the host that it is on
	line []rune
	user string // whose password is asked for; "" at the login prompt
	say  func(string)
}

// key takes one key.
func (g *getty) key(key rune) {
	switch {
	case key == '\r' || key == '\n':
		g.enter(string(g.line))
		g.line = g.line[:0]
	case key == 0x7f || key == '\b':
		if len(g.line) > 0 {
			g.line = g.line[:len(g.line)-1]
			if g.user == "" {
				g.say("\b \b")
			}
		}
	case len(g.line) < 256:
		g.line = append(g.line, key)
		if g.user == "" {
			g.say(string(key))
		}
	}
}

func (g *getty) enter(line string) {
	switch {
	case g.user != "":
		g.user = ""
		g.say("\r\nLogin incorrect\r\n" + g.name + " login: ")
	case line == "":
		g.say("\r\n" + g.name + " login: ")
	default:
		g.user = line
		g.say("\r\nPassword: ")
	}
}
