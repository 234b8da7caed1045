package vm

import (
	"sync"

	"github.com/limiquantix/limiquantix/core/vm/config"
)

// Limits of what is remembered.
const (
	recentEntries = 64
	recentBytes   = 8 << 20
)

// recent remembers, without their secrets, the configurations that edits may
// have begun with, so that a conflict can tell what the other one changed.
type recent struct {
	mu    sync.Mutex
	xml   map[string]string // by hash of the whole
	order []string
	size  int
}

func newRecent() *recent { return &recent{xml: map[string]string{}} }

// put remembers a configuration as the host gave it, and returns its hash.
func (r *recent) put(xml string) (hash string) {
	hash = config.Hash(xml)
	clean, err := config.WithoutSecrets(xml)
	if err != nil || len(clean) > recentBytes {
		return hash
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, there := r.xml[hash]; there {
		return hash
	}
	r.xml[hash], r.order, r.size = clean, append(r.order, hash), r.size+len(clean)
	for len(r.order) > recentEntries || r.size > recentBytes {
		oldest := r.order[0]
		r.size -= len(r.xml[oldest])
		delete(r.xml, oldest)
		r.order = r.order[1:]
	}
	return hash
}

func (r *recent) get(hash string) (xml string, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	xml, ok = r.xml[hash]
	return xml, ok
}
