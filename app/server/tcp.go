package server

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"

	"github.com/limiquantix/limiquantix/core"
)

// TCPOptions say where [ServeTCP] listens.
type TCPOptions struct {
	// Listen is ADDRESS:PORT; "" means a free port of 127.0.0.1. An address
	// that is not loopback needs CertFile and KeyFile.
	Listen string
	// CertFile and KeyFile are PEM files; with them it is https. The names in
	// the certificate are the Host names that are accepted.
	CertFile, KeyFile string
	// Token is what callers must show; "" makes a random one of 256 bits.
	Token string
	// Guest is the origin of a page that comes from elsewhere and may call all
	// the same, with the token: the window's own. "" for none.
	Guest string
}

// ServeTCP serves h for those who show the token, as "Authorization: Bearer
// TOKEN" or, for a browser's WebSocket, as the sub-protocol
// "limiquantix.token.TOKEN", and the user interface for everybody. The Host
// header must be our own address and an Origin, if sent, our own or the guest's.
// With TLS it speaks HTTP/2 to those who can.
//
// Errors: [core.Invalid] for an address that is none, one outside this
// computer without TLS, or unusable TLS files; [core.Conflict] when the
// address cannot be taken.
func ServeTCP(h http.Handler, o TCPOptions, log *slog.Logger) (*Server, error) {
	cert, err := loadCert(o)
	if err != nil {
		return nil, err
	}
	ln, err := listenTCP(o.Listen, cert != nil)
	if err != nil {
		return nil, err
	}
	if o.Token == "" {
		o.Token = newToken()
	}
	own := ln.Addr().(*net.TCPAddr).AddrPort()
	ln = newCrowd(ln, maxStrangers)
	g := &guard{next: h, token: o.Token, hosts: hostNames(own, cert), origins: map[string]bool{}, guest: o.Guest, page: newPage(dist, nil)}
	scheme, transport := "http", &http.Transport{Proxy: nil}
	if cert != nil {
		scheme = "https"
		transport.TLSClientConfig, transport.ForceAttemptHTTP2 = trustOwn(cert), true
		ln = tls.NewListener(ln, &tls.Config{
			Certificates: []tls.Certificate{*cert}, MinVersion: tls.VersionTLS13, NextProtos: []string{"h2", "http/1.1"},
		})
	}
	for host := range g.hosts {
		g.origins[scheme+"://"+host] = true
	}
	s := start(ln, g, log, func(srv *http.Server) { srv.ConnContext = withMember })
	s.URL = scheme + "://" + own.String()
	s.Token = o.Token
	s.client = &http.Client{Transport: &bearer{token: o.Token, next: transport}}
	return s, nil
}

func newToken() string {
	b := make([]byte, tokenLength)
	rand.Read(b) // never fails: crypto/rand documents it
	return hex.EncodeToString(b)
}

func listenTCP(address string, secured bool) (net.Listener, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "%s is not an address to listen on", core.Printable(address, 80)).
			WithHint("addresses look like 127.0.0.1:8443")
	}
	if host == "localhost" {
		host = "127.0.0.1" // the name may resolve to anything
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "" && !secured, err == nil && !ip.IsLoopback() && !secured:
		return nil, core.Errorf(core.Invalid, "listening on %s, outside this computer, needs TLS", core.Printable(address, 80)).
			WithHint("give --tls-cert and --tls-key, or listen on 127.0.0.1")
	case host != "" && err != nil:
		return nil, core.Errorf(core.Invalid, "%s is not an IP address", core.Printable(host, 80)).
			WithHint("addresses look like 127.0.0.1:8443")
	}
	ln, err := net.Listen("tcp", net.JoinHostPort(host, port))
	if err != nil {
		why := err
		if errno := syscall.Errno(0); errors.As(err, &errno) {
			why = errno // without Go's "listen tcp …: bind:"
		}
		return nil, core.Errorf(core.Conflict, "%s cannot be listened on: %w", core.Printable(address, 80), why)
	}
	return ln, nil
}

// loadCert returns the certificate with its Leaf, or nil when none is asked for.
func loadCert(o TCPOptions) (*tls.Certificate, error) {
	if o.CertFile == "" && o.KeyFile == "" {
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "the TLS files cannot be used: %w", err)
	}
	return &cert, nil
}

// hostNames returns the Host headers that mean us: our own address, localhost
// when it is loopback, and the names in the certificate.
func hostNames(own netip.AddrPort, cert *tls.Certificate) map[string]bool {
	names := []string{own.Addr().Unmap().String()}
	if own.Addr().IsLoopback() {
		names = append(names, "localhost")
	}
	if cert != nil {
		names = append(names, cert.Leaf.DNSNames...)
		for _, ip := range cert.Leaf.IPAddresses {
			names = append(names, ip.String())
		}
	}
	_, port, _ := net.SplitHostPort(own.String())
	hosts := map[string]bool{}
	for _, n := range names {
		n = strings.ToLower(n)
		hosts[net.JoinHostPort(n, port)] = true
		if cert != nil && port == "443" { // browsers leave the scheme's own port out
			hosts[n] = true
		}
	}
	return hosts
}

// trustOwn lets our own client reach a listener whose certificate no public
// authority signed: exactly that certificate is trusted, under its own name.
func trustOwn(cert *tls.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(cert.Leaf)
	name := ""
	if len(cert.Leaf.DNSNames) > 0 {
		name = cert.Leaf.DNSNames[0]
	}
	return &tls.Config{RootCAs: pool, ServerName: name, MinVersion: tls.VersionTLS13}
}

// bearer shows the token with each request.
type bearer struct {
	token string
	next  *http.Transport
}

// RoundTrip implements [http.RoundTripper].
func (b *bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(r)
}

// CloseIdleConnections is what [http.Client.CloseIdleConnections] looks for.
func (b *bearer) CloseIdleConnections() { b.next.CloseIdleConnections() }
