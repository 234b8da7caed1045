package server

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// TestHTTP2 has many long streams and calls share one connection, which HTTP/1.1
// does not: there a browser opens six at most.
func TestHTTP2(t *testing.T) {
	cert, key := selfSigned(t, "localhost")
	s := serveTCP(t, TCPOptions{CertFile: cert, KeyFile: key})
	res, err := s.Client().Get(strings.Replace(s.URL, "127.0.0.1", "localhost", 1) + "/")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.ProtoMajor != 2 || res.StatusCode != http.StatusOK {
		t.Fatalf("got %s over %s", res.Status, res.Proto)
	}
	url := strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	events, vms := apiv1connect.NewEventServiceClient(s.Client(), url), apiv1connect.NewVMServiceClient(s.Client(), url)
	for range 20 {
		stream, err := events.Watch(t.Context(), &apiv1.WatchRequest{})
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		if !stream.Receive() || stream.Msg().Object != "hello" {
			t.Fatalf("no hello: %v", stream.Err())
		}
	}
	var calls sync.WaitGroup
	for range 100 {
		calls.Go(func() {
			if got, err := vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "web1"}); err != nil || got.Vm.Name != "web1" {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
	calls.Wait()
}
