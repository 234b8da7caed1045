// Package desktop is the window: the user interface in the system's web view
// (Wails), a client of the API like the browser's tab. It is built with the tag
// "desktop" and cgo; without them [New] says that there is no window, and what
// can be judged without one (links, sizes, the page) is the same.
//
// The page comes from the binary itself under the origin [Origin]. Everything
// else it needs comes through a loopback listener of the application, whose
// address and token it learns by the only binding, Bridge.Endpoint.
package desktop
