package host

import (
	"context"
	"sync"
	"time"
)

// Keyring keeps secrets for the user of this computer: the system's own. It
// never asks anybody and may be used concurrently.
type Keyring interface {
	// Get returns a secret; "" when there is none.
	Get(ctx context.Context, account string) (string, error)
	Set(ctx context.Context, account, secret string) error
	// Delete removes a secret; no error when there is none.
	Delete(ctx context.Context, account string) error
}

// keyringLimit is how long a keyring may take: a locked one waits for its user.
const keyringLimit = 10 * time.Second

// noKeyring is what is said where a secret cannot be remembered.
const noKeyring = "this computer has no keyring that is open: the secret is kept in memory until limiquantix ends"

// secrets are those that were given, by the id of the host or group that they
// are of: in memory, and in the keyring those that are to be remembered.
type secrets struct {
	ring Keyring

	mu  sync.Mutex
	mem map[string]string
}

func newSecrets(ring Keyring) *secrets { return &secrets{ring: ring, mem: map[string]string{}} }

// put keeps a secret; remembered says whether the keyring has it, and notice why
// it has not although it should. had: it holds an older one.
func (s *secrets) put(ctx context.Context, id, secret string, had, remember bool) (remembered bool, notice string) {
	s.mu.Lock()
	s.mem[id] = secret
	s.mu.Unlock()
	if !remember {
		s.erase(ctx, id, had) // it would come back with the next start
		return false, ""
	}
	if s.ring == nil {
		return false, noKeyring
	}
	ctx, cancel := context.WithTimeout(ctx, keyringLimit)
	defer cancel()
	if err := s.ring.Set(ctx, id, secret); err != nil {
		return false, noKeyring
	}
	return true, ""
}

// get returns a secret; "" when there is none. The keyring is asked once.
func (s *secrets) get(ctx context.Context, id string, remembered bool) string {
	s.mu.Lock()
	secret := s.mem[id]
	s.mu.Unlock()
	if secret != "" || !remembered || s.ring == nil {
		return secret
	}
	ctx, cancel := context.WithTimeout(ctx, keyringLimit)
	defer cancel()
	secret, err := s.ring.Get(ctx, id)
	if err != nil || secret == "" {
		return ""
	}
	s.mu.Lock()
	s.mem[id] = secret
	s.mu.Unlock()
	return secret
}

// drop forgets a secret everywhere; had: the keyring holds it.
func (s *secrets) drop(ctx context.Context, id string, had bool) {
	s.mu.Lock()
	delete(s.mem, id)
	s.mu.Unlock()
	s.erase(ctx, id, had)
}

func (s *secrets) erase(ctx context.Context, id string, had bool) {
	if s.ring == nil || !had {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, keyringLimit)
	defer cancel()
	s.ring.Delete(ctx, id) // without a keyring there is nothing in it
}
