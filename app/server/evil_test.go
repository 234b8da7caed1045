package server

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// evilRequests are requests of strangers, as they go over the wire. HOST and
// PORT stand for the listener's, TOKEN for the right token.
func evilRequests() map[string]string {
	const call = "/limiquantix.v1.VMService/DeleteVM"
	post := func(path, header string) string {
		return "POST " + path + " HTTP/1.1\r\n" + header + "Content-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"vm\":\"web1\"}"
	}
	get := func(path, header string) string { return "GET " + path + " HTTP/1.1\r\n" + header + "\r\n" }
	const host, good = "Host: HOST\r\n", "Host: HOST\r\nAuthorization: Bearer TOKEN\r\n"
	const socket = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
	return map[string]string{
		"no Host":                         post(call, "Authorization: Bearer TOKEN\r\n"),
		"empty Host":                      post(call, "Host:\r\nAuthorization: Bearer TOKEN\r\n"),
		"two Hosts":                       post(call, good+"Host: evil.example\r\n"),
		"a rebound name":                  post(call, "Host: evil.example:PORT\r\nAuthorization: Bearer TOKEN\r\n"),
		"a rebound name below ours":       post(call, "Host: 127.0.0.1.evil.example:PORT\r\nAuthorization: Bearer TOKEN\r\n"),
		"our address with a dot":          post(call, "Host: 127.0.0.1.:PORT\r\nAuthorization: Bearer TOKEN\r\n"),
		"our address in decimal":          post(call, "Host: 2130706433:PORT\r\nAuthorization: Bearer TOKEN\r\n"),
		"our address shortened":           post(call, "Host: 127.1:PORT\r\nAuthorization: Bearer TOKEN\r\n"),
		"another loopback address":        post(call, "Host: 127.0.0.2:PORT\r\nAuthorization: Bearer TOKEN\r\n"),
		"IPv6 loopback":                   post(call, "Host: [::1]:PORT\r\nAuthorization: Bearer TOKEN\r\n"),
		"no port":                         post(call, "Host: 127.0.0.1\r\nAuthorization: Bearer TOKEN\r\n"),
		"another port":                    post(call, "Host: 127.0.0.1:1\r\nAuthorization: Bearer TOKEN\r\n"),
		"user in Host":                    post(call, "Host: evil@HOST\r\nAuthorization: Bearer TOKEN\r\n"),
		"foreign absolute address":        post("http://evil.example"+call, good),
		"forwarded Host only":             post(call, "Host: evil.example\r\nX-Forwarded-Host: HOST\r\nForwarded: host=HOST\r\nAuthorization: Bearer TOKEN\r\n"),
		"foreign Origin":                  post(call, good+"Origin: http://evil.example\r\n"),
		"null Origin":                     post(call, good+"Origin: null\r\n"),
		"empty Origin":                    post(call, good+"Origin:\r\n"),
		"Origin of another port":          post(call, good+"Origin: http://127.0.0.1:1\r\n"),
		"Origin by https":                 post(call, good+"Origin: https://HOST\r\n"),
		"Origin with our beginning":       post(call, good+"Origin: http://HOST.evil.example\r\n"),
		"two Origins":                     post(call, good+"Origin: http://HOST\r\nOrigin: http://evil.example\r\n"),
		"Origins in one line":             post(call, good+"Origin: http://HOST http://evil.example\r\n"),
		"Origin of a window, no guest":    post(call, good+"Origin: wails://wails\r\n"),
		"Origin of an extension":          post(call, good+"Origin: chrome-extension://abcdefghijklmnop\r\n"),
		"Origin of a file":                post(call, good+"Origin: file://\r\n"),
		"no token":                        post(call, host),
		"empty token":                     post(call, host+"Authorization: Bearer \r\n"),
		"wrong token":                     post(call, host+"Authorization: Bearer "+strings.Repeat("0", 64)+"\r\n"),
		"token in upper case":             post(call, host+"Authorization: Bearer UPPER\r\n"),
		"token and more":                  post(call, host+"Authorization: Bearer TOKENx\r\n"),
		"two tokens, the first wrong":     post(call, host+"Authorization: Bearer x\r\nAuthorization: Bearer TOKEN\r\n"),
		"token by Basic":                  post(call, host+"Authorization: Basic TOKEN\r\n"),
		"token without a scheme":          post(call, host+"Authorization: TOKEN\r\n"),
		"token in a cookie":               post(call, host+"Cookie: token=TOKEN\r\n"),
		"token in the address":            post(call+"?token=TOKEN", host),
		"token in another header":         post(call, host+"X-Token: TOKEN\r\nProxy-Authorization: Bearer TOKEN\r\n"),
		"a form of a page":                "POST " + call + " HTTP/1.1\r\n" + host + "Content-Type: text/plain\r\nContent-Length: 13\r\n\r\n{\"vm\":\"web1\"}",
		"GET for a call":                  get(call+"?encoding=json&message=%7B%7D", good),
		"DELETE for a call":               "DELETE " + call + " HTTP/1.1\r\n" + good + "\r\n",
		"TRACE":                           "TRACE / HTTP/1.1\r\n" + good + "\r\n",
		"CONNECT":                         "CONNECT evil.example:443 HTTP/1.1\r\n" + good + "\r\n",
		"method override":                 get(call, host+"X-HTTP-Method-Override: POST\r\n"),
		"preflight of a stranger":         "OPTIONS " + call + " HTTP/1.1\r\n" + host + "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n\r\n",
		"preflight without guest":         "OPTIONS " + call + " HTTP/1.1\r\n" + host + "Origin: wails://wails\r\nAccess-Control-Request-Method: POST\r\n\r\n",
		"length twice":                    "POST " + call + " HTTP/1.1\r\n" + good + "Content-Length: 13\r\nContent-Length: 5\r\n\r\n{\"vm\":\"web1\"}",
		"length and chunks":               "POST " + call + " HTTP/1.1\r\n" + host + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + post(call, host),
		"space before the colon":          post(call, host+"Authorization : Bearer TOKEN\r\n"),
		"folded Origin":                   post(call, good+"Origin:\r\n http://evil.example\r\n"),
		"bare newline in a header":        post(call, host+"X: a\nAuthorization: Bearer TOKEN\rX: \r\n"),
		"page, then a call behind it":     get("/", host) + post(call, host),
		"path traversal":                  get("/../../../../etc/passwd", host),
		"path traversal in assets":        get("/assets/../../../../etc/passwd", host),
		"path traversal, escaped":         get("/assets/%2e%2e/%2e%2e/etc/passwd", host),
		"path traversal by backslash":     get("/assets/..\\..\\etc\\passwd", host),
		"page's path before a call":       post("/;"+call, host),
		"page's path and a call":          post("/.."+call, host),
		"two slashes":                     post("/"+call, host),
		"escaped path of a call":          post("/limiquantix.v1.VMService%2fDeleteVM", host),
		"console without a token":         get("/console?ticket=good", host+socket),
		"console with a wrong token":      get("/console?ticket=good", host+socket+"Sec-WebSocket-Protocol: limiquantix.console, limiquantix.token.0\r\n"),
		"console from a foreign page":     get("/console?ticket=good", good+socket+"Origin: http://evil.example\r\n"),
		"console with a used ticket":      get("/console?ticket=used", good+socket),
		"console with the token for one":  get("/console?ticket=TOKEN", good+socket),
		"console by POST":                 post("/console?ticket=good", good),
		"HTTP/2 without being asked":      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"HTTP/0.9":                        "GET /\r\n",
		"no HTTP":                         "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
		"attaching as a window, over TCP": post("/window/attach", host),
	}
}

// TestEvilRequestsDoNothing: none of them reaches a service or gets a console,
// and none is told that it may.
func TestEvilRequestsDoNothing(t *testing.T) {
	var effects atomic.Int32
	var last atomic.Value
	mux := http.NewServeMux()
	mux.HandleFunc("POST /limiquantix.v1.VMService/DeleteVM", func(_ http.ResponseWriter, r *http.Request) {
		effects.Add(1)
		last.Store(fmt.Sprint(r.Header))
	})
	console := &fakeConsole{used: true}
	mux.Handle("/", Handler(Services{Console: console.open}, slog.New(slog.DiscardHandler)))
	s, err := ServeTCP(mux, TCPOptions{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, s)
	address := strings.TrimPrefix(s.URL, "http://")
	_, port, _ := net.SplitHostPort(address)
	fill := strings.NewReplacer("HOST", address, "PORT", port, "TOKEN", s.Token, "UPPER", strings.ToUpper(s.Token))
	if res := raw(t, s, "POST", "/limiquantix.v1.VMService/DeleteVM", map[string]string{"Authorization": "Bearer " + s.Token}); res.StatusCode != 200 || effects.Load() != 1 {
		t.Fatalf("a right request: %s, %d effects", res.Status, effects.Load())
	}
	requests := evilRequests()
	if len(requests) < 50 {
		t.Errorf("only %d requests", len(requests))
	}
	for name, request := range requests {
		t.Run(name, func(t *testing.T) {
			answer := send(t, address, fill.Replace(request))
			if n := effects.Swap(1); n != 1 {
				t.Errorf("it was carried out: %v", last.Load())
			}
			if strings.Contains(answer, "101 Switching") || strings.Contains(answer, "Access-Control-Allow") || strings.Contains(answer, "root:") || strings.Contains(answer, s.Token) {
				t.Errorf("the answer is %s", answer)
			}
		})
	}
}

// send sends bytes and returns all that comes back.
func send(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	io.WriteString(conn, request)
	conn.(*net.TCPConn).CloseWrite()
	answer, err := io.ReadAll(bufio.NewReader(conn))
	if err != nil && len(answer) == 0 {
		return "" // it was cut off
	}
	return string(answer)
}

func TestGuestMayCall(t *testing.T) {
	h, log, _ := newHandler()
	const guest = "wails://wails"
	s, err := ServeTCP(h, TCPOptions{Guest: guest}, log)
	if err != nil {
		t.Fatal(err)
	}
	closeLater(t, s)
	const call = "/limiquantix.v1.VMService/GetVM"
	preflight := map[string]string{"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
	for _, tc := range []struct {
		name, method, origin, token string
		want                        int
		allowed                     bool
	}{
		{"preflight", "OPTIONS", guest, "", 204, true},
		{"call", "POST", guest, s.Token, 200, true},
		{"call without token", "POST", guest, "", 401, true},
		{"another guest", "OPTIONS", "wails://evil", "", 403, false},
		{"in another case", "OPTIONS", "WAILS://wails", "", 403, false},
		{"our own page", "POST", s.URL, s.Token, 200, false},
		{"no page", "POST", "", s.Token, 200, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			header := map[string]string{}
			if tc.method == "OPTIONS" {
				for k, v := range preflight {
					header[k] = v
				}
			}
			if tc.origin != "" {
				header["Origin"] = tc.origin
			}
			if tc.token != "" {
				header["Authorization"] = "Bearer " + tc.token
			}
			res := raw(t, s, tc.method, call, header)
			want := ""
			if tc.allowed {
				want = guest
			}
			if got := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != tc.want || got != want {
				t.Errorf("got %s for %q, want %d for %q", res.Status, got, tc.want, want)
			}
		})
	}
}
