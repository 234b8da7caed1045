// Package console is what a VM shows and hears: the display that its XML names,
// pictures of its screen, and text and chords as key presses on the keyboard
// layouts that guests are set to. It asks no host: it reads what one said.
package console
