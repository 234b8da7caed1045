package server

import (
	"net"
	"strings"
	"testing"
	"time"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// TestStrangersDoNotFillTheListener: 2,000 connections that say nothing keep
// nobody out, and cost nobody the connection who has shown the token.
func TestStrangersDoNotFillTheListener(t *testing.T) {
	s := serveTCP(t, TCPOptions{})
	stream, err := apiv1connect.NewEventServiceClient(s.Client(), s.URL).Watch(t.Context(), &apiv1.WatchRequest{})
	if err != nil || !stream.Receive() {
		t.Fatal(err, stream.Err())
	}
	defer stream.Close()
	var crowd []net.Conn
	for range 2000 {
		c, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		crowd = append(crowd, c)
	}
	vms := apiv1connect.NewVMServiceClient(s.Client(), s.URL)
	for range 20 {
		s.Client().CloseIdleConnections() // each call comes anew
		if got, err := vms.GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "web1"}); err != nil || got.Vm.Name != "web1" {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	ended := make(chan bool, 1)
	go func() { ended <- stream.Receive() }()
	select {
	case <-ended:
		t.Errorf("the stream of one with the token ended: %v", stream.Err())
	case <-time.After(100 * time.Millisecond):
	}
	// The oldest were shown out, long before the limit for headers.
	for i, c := range crowd[:2000-maxStrangers-100] {
		c.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil || strings.Contains(err.Error(), "timeout") {
			t.Fatalf("stranger %d still stands: %v", i, err)
		}
	}
}
