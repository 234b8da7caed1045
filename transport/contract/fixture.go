package contract

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/vm"
)

// code fails the test unless err has the code.
func (e *env) code(what string, err error, want core.Code) {
	e.Helper()
	if got := core.CodeOf(err); got != want {
		e.Errorf("%s: got code %q (%v), want %q", what, got, err, want)
	}
}

// refused fails the test unless err is a Conflict, or any error on a backend
// that cannot say why it refuses.
func (e *env) refused(what string, err error) {
	e.Helper()
	why, missing := e.caps.Missing[Refusals]
	if !missing {
		e.code(what, err, core.Conflict)
		return
	}
	e.Logf("%s: left out on %s: the code of the refusal: %s", what, e.caps.Backend, why)
	if err == nil {
		e.Errorf("%s: not refused", what)
	}
}

// ok fails the test at once when err is not nil.
func (e *env) ok(what string, err error) {
	e.Helper()
	if err != nil {
		e.Fatalf("%s: %v (%s)", what, err, core.CodeOf(err))
	}
}

// eventually polls until cond holds; power actions may take effect later.
func (e *env) eventually(what string, cond func() bool) {
	e.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if cond() {
			return
		}
	}
	e.Fatalf("timed out: %s", what)
}

// name returns a name that no other clause uses.
func (e *env) name(prefix string) string {
	return prefix + "-" + core.NewUUID()[:8]
}

// vmXML is a small VM without an operating system: one serial console.
func (e *env) vmXML(name, uuid, devices string) string {
	osType := `<type arch='x86_64' machine='q35'>hvm</type><bios useserial='yes'/>`
	if e.caps.Type == "test" {
		osType = `<type>hvm</type>`
	}
	if uuid != "" {
		uuid = "<uuid>" + uuid + "</uuid>"
	}
	return fmt.Sprintf(`<domain type='%s'><name>%s</name>%s<memory unit='MiB'>64</memory><vcpu>1</vcpu><os>%s</os>
<metadata><x:y xmlns:x='urn:contract'>kept</x:y></metadata>
<devices><serial type='pty'><target port='0'/></serial><console type='pty'><target type='serial' port='0'/></console>%s</devices></domain>`,
		e.caps.Type, escape(name), uuid, osType, devices)
}

// escape makes text safe inside XML.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&apos;", `"`, "&quot;").Replace(s)
}

// define makes a VM that is stopped and forgotten at the end of the test.
func (e *env) define(name, devices string) (uuid string) {
	e.Helper()
	uuid, err := e.h.DefineVM(e.ctx, e.vmXML(name, "", devices))
	e.ok("define "+name, err)
	e.forget(uuid)
	return uuid
}

// forget stops and undefines a VM at the end of the test, over a new link: the
// test may have closed its own.
func (e *env) forget(uuid string) {
	e.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		h := e.open(e.T)
		defer h.Close()
		_ = h.StopVM(ctx, uuid)
		_ = h.UndefineVM(ctx, uuid, vm.UndefineOptions{NVRAM: true, ManagedSave: true, SnapshotMetadata: true, CheckpointMetadata: true})
	})
}

// running makes a VM that runs.
func (e *env) running(devices string) (uuid string) {
	e.Helper()
	uuid = e.define(e.name("run"), devices)
	e.ok("start", e.h.StartVM(e.ctx, uuid))
	return uuid
}

// find returns the VM in the list; ok is false when it is not there.
func (e *env) find(h Host, uuid string) (vm.Summary, bool) {
	e.Helper()
	all, err := h.VMs(e.ctx)
	e.ok("list VMs", err)
	for _, s := range all {
		if s.UUID == uuid {
			return s, true
		}
	}
	return vm.Summary{}, false
}

// state waits until the VM is in the state.
func (e *env) state(uuid string, want vm.State) {
	e.Helper()
	e.eventually(fmt.Sprintf("VM %s to be %s", uuid, want), func() bool {
		s, ok := e.find(e.h, uuid)
		return ok && s.State == want
	})
}

// pool makes an active directory pool that is forgotten at the end.
func (e *env) pool() string {
	e.Helper()
	name := e.name("pool")
	e.ok("define pool", e.h.DefinePool(e.ctx, e.poolXML(name)))
	e.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		h := e.open(e.T)
		defer h.Close()
		_ = h.StopPool(ctx, name)
		_ = h.UndefinePool(ctx, name)
	})
	e.ok("start pool", e.h.StartPool(e.ctx, name, true))
	return name
}

func (e *env) poolXML(name string) string {
	return fmt.Sprintf(`<pool type='dir'><name>%s</name><target><path>%s/%s</path></target></pool>`, name, e.caps.PoolDir, name)
}

func volumeXML(name, format string, size core.Bytes, extra string) string {
	return fmt.Sprintf(`<volume><name>%s</name><capacity unit='bytes'>%d</capacity><allocation unit='bytes'>0</allocation><target><format type='%s'/></target>%s</volume>`,
		escape(name), size, format, extra)
}
