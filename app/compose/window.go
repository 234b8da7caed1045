package compose

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/limiquantix/limiquantix/app/cli"
	"github.com/limiquantix/limiquantix/app/desktop"
	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
)

// window shows what o says: in the window that is open already, in one of this
// process, or in one of the program beside it that has windows.
func window(ctx context.Context, o cli.WindowOptions, c Config) error {
	var err error
	if c.Home, err = homeOf(o.Home); err != nil {
		return err
	}
	link := desktop.Link{}
	if o.Link != "" {
		if link, err = desktop.ParseLink(o.Link); err != nil {
			return err
		}
	}
	if o.Console && !link.Console {
		return core.Errorf(core.Invalid, "the link names no console").WithHint("it ends in /vm/UUID/console")
	}
	if !o.Console {
		if client, err := server.DialUnix(ctx, windowSocket(c.Home)); err == nil {
			defer client.CloseIdleConnections()
			return desktop.HandOver(ctx, client, o.Link)
		}
	}
	if !desktop.Built {
		return sibling(ctx, siblingArgs(c.Home, o))
	}
	if o.Console {
		return consoleWindow(ctx, c, link)
	}
	return mainWindow(ctx, c, link)
}

// windowSocket returns where the window of a home directory listens, beside the
// application's own socket.
func windowSocket(home string) string {
	return strings.TrimSuffix(socketOf(home), ".sock") + "-window.sock"
}

// consoleWindow shows a VM's console and nothing else, until it is closed.
func consoleWindow(ctx context.Context, c Config, link desktop.Link) error {
	b, err := reach(ctx, c)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.resolve(ctx, link); err != nil {
		return err
	}
	o := options(b, c, "Console", link.ConsoleRoute(), "console.json")
	o.Follow = func(string) {} // it shows one thing
	w, err := desktop.New(o)
	if err != nil {
		return err
	}
	return show(ctx, b, w)
}

// mainWindow shows the application until it is closed. It is the only one of
// its home: when another came first, that one shows the link.
func mainWindow(ctx context.Context, c Config, link desktop.Link) error {
	b, err := reach(ctx, c)
	if err != nil {
		return err
	}
	defer b.Close()
	unknown := b.resolve(ctx, link)
	route := link.Route()
	if unknown != nil {
		route = ""
	}
	o := options(b, c, "limiquantix", route, "window.json")
	consoles := &consoles{home: c.Home, log: c.Log}
	o.Follow = consoles.open
	w, err := desktop.New(o)
	if err != nil {
		return err
	}
	sock, err := server.ServeUnix(windowSocket(c.Home), desktop.Front(func(ctx context.Context, link string) error {
		return showLink(ctx, b, w, link)
	}), c.Log)
	if core.CodeOf(err) == core.Exists {
		client, err := server.DialUnix(ctx, windowSocket(c.Home))
		if err != nil {
			return err
		}
		defer client.CloseIdleConnections()
		return desktop.HandOver(ctx, client, link.String())
	}
	if err != nil {
		return err
	}
	defer sock.Close()
	var note sync.WaitGroup
	defer note.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if unknown != nil {
		note.Go(func() { _ = w.Note(ctx, noteOf(unknown)) }) // ends with the window
	}
	if err := show(ctx, b, w); err != nil {
		return err
	}
	return unknown
}

// showLink shows in an open window what a link names; one that is not known here
// gets a note.
func showLink(ctx context.Context, b *backend, w *desktop.Window, text string) error {
	if text == "" {
		return w.Show(ctx, "")
	}
	link, err := desktop.ParseLink(text)
	if err != nil {
		return err
	}
	if err := b.resolve(ctx, link); err != nil {
		if werr := w.Note(ctx, noteOf(err)); werr != nil {
			return werr
		}
		return err
	}
	if link == (desktop.Link{}) {
		return w.Show(ctx, "")
	}
	return w.Show(ctx, link.Route())
}

// noteOf is an error's message as a sentence of its own.
func noteOf(err error) string {
	first, n := utf8.DecodeRuneInString(core.AsError(err).Message)
	return string(unicode.ToUpper(first)) + core.AsError(err).Message[n:]
}

func options(b *backend, c Config, title, route, state string) desktop.Options {
	return desktop.Options{
		Title: title, Route: route, State: filepath.Join(c.Home, state), Log: c.Log,
		Page:     server.Page(func() []string { return []string{b.Endpoint().URL} }),
		Endpoint: b.Endpoint, Closing: b.closing, Idle: b.idle,
	}
}

// show runs a window; when the process behind it ends, the page is loaded anew
// with the next.
func show(ctx context.Context, b *backend, w *desktop.Window) error {
	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	defer following.Wait()
	defer cancel()
	following.Go(func() { b.follow(ctx, func() { _ = w.Reload(ctx) }) })
	return w.Run(ctx)
}
