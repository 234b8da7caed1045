package vm

// place is a console of one VM.
type place struct {
	hostID, uuid string
	graphical    bool // its screen; else its serial line
}
