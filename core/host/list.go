package host

import (
	"context"
	"time"

	"github.com/limiquantix/limiquantix/core"
)

// Add connects to a host and keeps it when that works; of h its Name, Cluster,
// Site, Connect and Spec count. With remember, the secret goes into the keyring;
// notice says that it could not. See HostService.AddHost for the errors.
func (m *Manager) Add(ctx context.Context, h Host, remember bool) (added Host, notice string, err error) {
	h, err = m.checked(Host{Name: h.Name, Cluster: h.Cluster, Site: h.Site, Connect: h.Connect, Spec: h.Spec})
	if err != nil {
		return Host{}, "", err
	}
	if _, err := m.Host(h.Name); err == nil {
		return Host{}, "", taken(h.Name)
	}
	link, took, err := m.reach(ctx, h)
	if err != nil {
		return Host{}, "", err
	}
	if h.Facts, err = link.Facts(ctx); err != nil {
		link.Close()
		return Host{}, "", err
	}
	h.Spec.HostKey, h.Spec.AcceptNew = "", false // the key is trusted by now, and written down
	h.ID, h.Seen = core.NewUUID(), time.Now()
	if remember && h.Spec.Secret != "" {
		h.Remembered, notice = m.secrets.put(ctx, h.ID, h.Spec.Secret, false, true)
	}
	if err := save(ctx, m.o.DB, h); err != nil {
		link.Close()
		m.secrets.drop(ctx, h.ID, h.Remembered)
		return Host{}, "", err
	}
	mh := newManaged(h)
	mh.took, mh.used = took, time.Now()
	m.mu.Lock()
	m.hosts[h.ID] = mh
	m.mu.Unlock()
	m.listed(h, "added")
	err = m.adopt(ctx, mh, link)
	m.supervise(mh)
	return m.copy(mh), notice, err
}

func taken(name string) error {
	return core.Errorf(core.Exists, "there is a host %s already", core.Printable(name, 60)).
		WithHint("choose another name, or forget that one first: limiquantix host remove NAME").WithDetail("field", "name")
}

// checked returns h in its plain form, or what is wrong with it.
func (m *Manager) checked(h Host) (Host, error) {
	if err := core.CheckName("host name", h.Name); err != nil {
		return h, core.InField(err, "name")
	}
	if h.Site != "" {
		if err := checkPath("site", h.Site); err != nil {
			return h, core.InField(err, "site")
		}
	}
	switch h.Connect {
	case "":
		h.Connect = Always
	case Always, Demand:
	default:
		return h, core.Errorf(core.Invalid, "a host is connected always or on demand")
	}
	var err error
	h.Spec, err = h.Spec.normalize()
	return h, err
}

// Remove forgets a host and its secret, and closes its link.
func (m *Manager) Remove(ctx context.Context, ref string) error {
	m.mu.Lock()
	h, err := m.find(ref)
	m.mu.Unlock()
	if err != nil {
		return err
	}
	if err := remove(ctx, m.o.DB, h.ID); err != nil {
		return err
	}
	m.secrets.drop(ctx, h.ID, m.copy(h).Remembered)
	m.mu.Lock()
	if m.hosts[h.ID] != h {
		m.mu.Unlock()
		return nil
	}
	delete(m.hosts, h.ID)
	link, gone := h.link, h.Host
	close(h.gone)
	m.mu.Unlock()
	m.listed(gone, "removed")
	if link != nil {
		link.Close()
	}
	return nil
}
