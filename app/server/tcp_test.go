package server

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

func serveTCP(t *testing.T, o TCPOptions) *Server {
	t.Helper()
	h, log, _ := newHandler()
	s, err := ServeTCP(h, o, log)
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, s)
	return s
}

// raw sends a request as a stranger would and returns the status.
func raw(t *testing.T, s *Server, method, path string, header map[string]string) *http.Response {
	t.Helper()
	address := strings.TrimPrefix(s.URL, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if header["Host"] == "" {
		header["Host"] = address
	}
	var b strings.Builder
	b.WriteString(method + " " + path + " HTTP/1.1\r\n")
	body := ""
	if method == "POST" {
		body = `{"vm":"web1"}`
		header["Content-Type"] = "application/json"
		header["Content-Length"] = "13"
	}
	for k, v := range header {
		b.WriteString(k + ": " + v + "\r\n")
	}
	conn.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(conn, b.String()+"\r\n"+body)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestGuardOfTCP(t *testing.T) {
	s := serveTCP(t, TCPOptions{})
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	const call = "/limiquantix.v1.VMService/GetVM"
	good := "Bearer " + s.Token
	if len(s.Token) != 64 {
		t.Errorf("token %q is not 256 bits", s.Token)
	}
	for _, tc := range []struct {
		name, method, path string
		header             map[string]string
		want               int
	}{
		{"right", "POST", call, map[string]string{"Authorization": good}, 200},
		{"right by name", "POST", call, map[string]string{"Authorization": good, "Host": "LocalHost" + port}, 200},
		{"own origin", "POST", call, map[string]string{"Authorization": good, "Origin": s.URL}, 200},
		{"no token", "POST", call, map[string]string{}, 401},
		{"wrong token", "POST", call, map[string]string{"Authorization": "Bearer " + strings.Repeat("0", 64)}, 401},
		{"half a token", "POST", call, map[string]string{"Authorization": good[:len(good)-1]}, 401},
		{"empty token", "POST", call, map[string]string{"Authorization": "Bearer "}, 401},
		{"token in the URL", "POST", call + "?token=" + s.Token, map[string]string{}, 401},
		{"rebound name", "POST", call, map[string]string{"Authorization": good, "Host": "evil.example" + port}, 403},
		{"rebound name, no port", "POST", call, map[string]string{"Authorization": good, "Host": "127.0.0.1"}, 403},
		{"other port", "POST", call, map[string]string{"Authorization": good, "Host": "127.0.0.1:1"}, 403},
		{"foreign origin", "POST", call, map[string]string{"Authorization": good, "Origin": "http://evil.example"}, 403},
		{"origin of another port", "POST", call, map[string]string{"Authorization": good, "Origin": "http://127.0.0.1:1"}, 403},
		{"null origin", "POST", call, map[string]string{"Authorization": good, "Origin": "null"}, 403},
		{"preflight", "OPTIONS", call, map[string]string{"Origin": "http://evil.example"}, 403},
		{"page needs no token", "GET", "/", map[string]string{}, 200},
		{"page at a rebound name", "GET", "/", map[string]string{"Host": "evil.example"}, 403},
		{"nothing there", "GET", "/etc/passwd", map[string]string{"Authorization": good}, 404},
		{"console without token", "GET", "/console?ticket=good", map[string]string{"Connection": "Upgrade", "Upgrade": "websocket"}, 401},
		{"console from a foreign page", "GET", "/console?ticket=good", map[string]string{"Origin": "http://evil.example", "Authorization": good}, 403},
		{"console, no WebSocket", "GET", "/console?ticket=good", map[string]string{"Authorization": good}, 426},
	} {
		t.Run(tc.name, func(t *testing.T) {
			res := raw(t, s, tc.method, tc.path, tc.header)
			if res.StatusCode != tc.want {
				t.Errorf("got %s, want %d", res.Status, tc.want)
			}
			if csp := res.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") {
				t.Errorf("no strict policy: %q", csp)
			}
			if res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("other origins are allowed")
			}
		})
	}
}

func TestPageHasNoScript(t *testing.T) {
	if s := string(noInterface); strings.Contains(s, "<script") || strings.Contains(s, "style=") || strings.Contains(s, "http") {
		t.Errorf("the page breaks its own policy:\n%s", s)
	}
}

func TestConsoleTicketWorksOnce(t *testing.T) {
	s := serveTCP(t, TCPOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// As a browser does: token as a sub-protocol, own Origin.
	ws, _, err := websocket.Dial(ctx, s.URL+"/console?ticket=good", &websocket.DialOptions{
		Subprotocols: []string{consoleProtocol, tokenProtocol + s.Token},
		HTTPHeader:   http.Header{"Origin": {s.URL}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if ws.Subprotocol() != consoleProtocol {
		t.Errorf("server chose %q", ws.Subprotocol())
	}
	if err := ws.Write(ctx, websocket.MessageBinary, []byte("ls\r")); err != nil {
		t.Fatal(err)
	}
	kind, got, err := ws.Read(ctx)
	if err != nil || kind != websocket.MessageBinary || string(got) != "ls\r" {
		t.Fatalf("got %v %q %v, want the echo", kind, got, err)
	}
	ws.Close(websocket.StatusNormalClosure, "")
	if _, err := DialConsole(ctx, s.Client(), s.URL, "good"); core.CodeOf(err) != core.Denied {
		t.Errorf("replayed ticket: got %v, want denied", err)
	}
}

func TestConsoleEndsWithServer(t *testing.T) {
	h, log, _ := newHandler()
	s := InMemory(h, log)
	c, err := DialConsole(t.Context(), s.Client(), s.URL, "good")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("the console goes on after Close")
	}
}

func TestSlowCallersAreCutOff(t *testing.T) {
	h, log, _ := newHandler()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &guard{next: h, hosts: map[string]bool{"a": true}, bodyTime: 200 * time.Millisecond}
	s := start(ln, g, log, func(srv *http.Server) {
		if srv.ReadHeaderTimeout == 0 || srv.ReadHeaderTimeout > time.Minute || srv.IdleTimeout == 0 || srv.MaxHeaderBytes > 1<<20 {
			t.Errorf("limits are missing: %+v", srv)
		}
		srv.ReadHeaderTimeout = 200 * time.Millisecond
	})
	closeLater(t, s)
	for name, beginning := range map[string]string{
		"header": "POST /limiquantix.v1.VMService/GetVM HTTP/1.1\r\nHost: a\r\nX-Slow: ",
		"body":   "POST /limiquantix.v1.VMService/GetVM HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := net.Dial("tcp", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			io.WriteString(conn, beginning)
			conn.SetReadDeadline(time.Now().Add(30 * time.Second))
			if got, err := io.ReadAll(conn); err != nil {
				t.Errorf("still open after 30 s; got %q, %v", got, err)
			}
		})
	}
}

func TestWatchOutlivesTheBodyLimit(t *testing.T) {
	h, log, _ := newHandler()
	ln := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	g := localGuard(h)
	g.bodyTime = 50 * time.Millisecond
	s := start(ln, g, log, nil)
	s.URL, s.client = LocalURL, localClient(ln.dial)
	closeLater(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	defer time.AfterFunc(300*time.Millisecond, cancel).Stop()
	stream, err := apiv1connect.NewEventServiceClient(s.Client(), s.URL).Watch(ctx, &apiv1.WatchRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for stream.Receive() {
	}
	if got := core.CodeOf(FromConnect(stream.Err())); got != core.Canceled {
		t.Errorf("the stream ended by itself: %s %v", got, stream.Err())
	}
	stream.Close()
}

func TestListenAddress(t *testing.T) {
	h, log, _ := newHandler()
	for _, address := range []string{"0.0.0.0:0", "[::]:0", ":0", "192.0.2.1:80", "evil", "example.org:80", "127.0.0.1", "127.0.0.1:99999"} {
		s, err := ServeTCP(h, TCPOptions{Listen: address}, log)
		if err == nil {
			s.Close()
			t.Errorf("%s: listens", address)
		} else if c := core.CodeOf(err); c != core.Invalid && c != core.Conflict {
			t.Errorf("%s: got %s %v", address, c, err)
		}
	}
	s := serveTCP(t, TCPOptions{Listen: "localhost:0"})
	if !strings.HasPrefix(s.URL, "http://127.0.0.1:") {
		t.Errorf("localhost became %s", s.URL)
	}
	if _, err := ServeTCP(h, TCPOptions{Listen: strings.TrimPrefix(s.URL, "http://")}, log); core.CodeOf(err) != core.Conflict {
		t.Errorf("a taken port: got %v, want conflict", err)
	}
}

func TestTLS(t *testing.T) {
	cert, key := selfSigned(t, "desk.example")
	s := serveTCP(t, TCPOptions{Listen: "0.0.0.0:0", CertFile: cert, KeyFile: key})
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(s.URL, "https://"))
	s.URL = "https://127.0.0.1:" + port
	req, _ := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/", nil)
	for host, want := range map[string]int{"desk.example:" + port: 200, "evil.example:" + port: 403} {
		req.Host = host
		res, err := s.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: got %s, want %d", host, res.Status, want)
		}
	}
	if _, err := ServeTCP(nil, TCPOptions{CertFile: cert, KeyFile: cert}, nil); core.CodeOf(err) != core.Invalid {
		t.Errorf("wrong key file: got %v, want invalid", err)
	}
}

func TestClientOfTCP(t *testing.T) {
	s := serveTCP(t, TCPOptions{})
	got, err := apiv1connect.NewVMServiceClient(s.Client(), s.URL).GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "web1"})
	if err != nil || got.Vm.Name != "web1" {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = apiv1connect.NewVMServiceClient(http.DefaultClient, s.URL).GetVM(t.Context(), &apiv1.GetVMRequest{Vm: "web1"})
	if core.CodeOf(FromConnect(err)) != core.Denied {
		t.Errorf("without token: got %v, want denied", err)
	}
}

func selfSigned(t *testing.T, name string) (cert, key string) {
	t.Helper()
	priv, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &priv.PublicKey, priv)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(priv)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
	os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}), 0o600)
	return cert, key
}
