package compose

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zalando/go-keyring"
)

// keyringService is the name under which the system's keyring shows our secrets.
const keyringService = "limiquantix"

// systemKeyring is the keyring of this computer's user: Secret Service (Linux),
// Keychain (macOS), Credential Manager (Windows). It implements [host.Keyring].
type systemKeyring struct{}

// Get implements [host.Keyring].
func (systemKeyring) Get(ctx context.Context, account string) (string, error) {
	type found struct {
		secret string
		err    error
	}
	f, err := inTime(ctx, func() found {
		secret, err := keyring.Get(keyringService, account)
		if errors.Is(err, keyring.ErrNotFound) {
			err = nil
		}
		return found{secret, err}
	})
	return f.secret, errors.Join(err, f.err)
}

// Set implements [host.Keyring].
func (systemKeyring) Set(ctx context.Context, account, secret string) error {
	failed, err := inTime(ctx, func() error { return keyring.Set(keyringService, account, secret) })
	return errors.Join(err, failed)
}

// Delete implements [host.Keyring].
func (systemKeyring) Delete(ctx context.Context, account string) error {
	failed, err := inTime(ctx, func() error { return keyring.Delete(keyringService, account) })
	if errors.Is(failed, keyring.ErrNotFound) {
		failed = nil
	}
	return errors.Join(err, failed)
}

var errNoKeyring = errors.New("there is no session bus, and so no Secret Service")

// hasSessionBus reports whether the user has a session whose keyring can be asked.
// Without one the D-Bus library would start a bus, and leave it behind.
func hasSessionBus() bool {
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") != "" {
		return true
	}
	dir := os.Getenv("XDG_RUNTIME_DIR")
	_, err := os.Stat(filepath.Join(dir, "bus"))
	return filepath.IsAbs(dir) && err == nil
}

// inTime runs f, which cannot be stopped, and does not wait for it beyond ctx: a
// locked keyring asks its user. That goroutine alone outlives its caller, and ends
// with the user's answer.
func inTime[T any](ctx context.Context, f func() T) (T, error) {
	if runtime.GOOS == "linux" && !hasSessionBus() {
		var none T
		return none, errNoKeyring
	}
	done := make(chan T, 1)
	go func() { done <- f() }()
	select {
	case v := <-done:
		return v, nil
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
