package core

import "context"

// Actor is who asks for something.
type Actor struct {
	User string // of this computer; "" when that is not known
	Door string // "cli", "browser", "window"; "" for the program itself
}

// actorKey is the context key of an Actor.
type actorKey struct{}

// WithActor returns a context of what a asks for. The edge sets it.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf returns who asks; the zero Actor is the program itself.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
