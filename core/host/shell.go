package host

import (
	"context"

	"github.com/limiquantix/limiquantix/core"
)

// Shell reaches a managed host without its libvirt, as its groups complete its
// spec. Close the shell.
//
// Errors: [core.NotFound]; [core.Unsupported] where there are no shells; those of a [Dial].
func (m *Manager) Shell(ctx context.Context, ref string) (Shell, error) {
	h, err := m.Host(ref)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	spec, _ := complete(m.groups, h.Site, h.Spec)
	m.mu.Unlock()
	sh, err := m.shellOf(ctx, spec)
	if core.CodeOf(err) == core.SecretNeeded && spec.Secret == "" {
		for _, spec.Secret = range m.known(ctx, h) {
			sh, err = m.shellOf(ctx, spec)
		}
	}
	return sh, err
}

// ShellAt is [Manager.Shell] for a host that is not managed. [core.Invalid]
// names the field of spec that is wrong.
func (m *Manager) ShellAt(ctx context.Context, spec Spec) (Shell, error) {
	spec, err := spec.normalize()
	if err != nil {
		return nil, err
	}
	return m.shellOf(ctx, spec)
}

func (m *Manager) shellOf(ctx context.Context, spec Spec) (Shell, error) {
	if m.o.Shell == nil {
		return nil, core.Errorf(core.Unsupported, "commands cannot be run on this host")
	}
	return m.o.Shell(ctx, spec)
}
