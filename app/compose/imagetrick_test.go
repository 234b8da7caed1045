package compose

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

func qcow2(t *testing.T, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.qcow2")
	cmd := append([]string{"create", "-q", "-u", "-f", "qcow2"}, args...)
	if out, err := exec.Command("qemu-img", append(cmd, file, "64M")...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// A server shows a harmless header to who looks, and sends an image over a file
// of the host to who downloads.
func TestImageThatChangesAfterTheLookIsRefused(t *testing.T) {
	r := oneHost(t, 0)
	good, evil := qcow2(t), qcow2(t, "-b", "/etc/shadow", "-F", "raw")
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodGet && req.Header.Get("Range") == "" {
			http.ServeFile(w, req, evil)
			return
		}
		http.ServeFile(w, req, good)
	}))
	t.Cleanup(site.Close)
	images := apiv1connect.NewImageServiceClient(r.http, server.LocalURL)
	op, err := images.AddImage(t.Context(), &apiv1.AddImageRequest{Host: "host1", Source: site.URL + "/x.qcow2"})
	task := r.done(t, op, err)
	if task.State != apiv1.Task_STATE_FAILED || core.Code(task.Error.GetCode()) != core.BadImage {
		t.Errorf("got %v, %v", task.State, task.Error)
	}
	if got := r.volumes(t); len(got) > 0 {
		t.Errorf("left volumes %v", got)
	}
}

func TestImageThatIsAPipeIsRefusedAtOnce(t *testing.T) {
	r := oneHost(t, 0)
	pipe := filepath.Join(t.TempDir(), "pipe.qcow2")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	// Should it be opened all the same, the test must not hang.
	unblock := time.AfterFunc(5*time.Second, func() {
		if f, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
			t.Error("the pipe was opened")
			f.Close()
		}
	})
	defer unblock.Stop()
	images := apiv1connect.NewImageServiceClient(r.http, server.LocalURL)
	if _, err := images.AddImage(t.Context(), &apiv1.AddImageRequest{Host: "host1", Source: pipe}); core.CodeOf(server.FromConnect(err)) != core.Blocked {
		t.Errorf("got %v", err)
	}
}
