package sshconn

import (
	"bufio"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/limiquantix/limiquantix/transport/sshconn/sshdtest"
)

// TestLastingCommand: what it prints comes as it is printed, and Close ends it.
func TestLastingCommand(t *testing.T) {
	c := mustDial(t, config(sshdtest.Start(t, sshdtest.Options{}), "root"))
	p, err := c.Start(t.Context(), Command{Argv: []string{"sh", "-c", "echo first; exec sleep 987"}, Lasting: true})
	if err != nil {
		t.Fatal(err)
	}
	p.Stdin.Close()
	go io.Copy(io.Discard, p.Stderr) // ends with the command
	late := time.AfterFunc(20*time.Second, p.Close)
	if line, err := bufio.NewReader(p.Stdout).ReadString('\n'); line != "first\n" {
		t.Errorf("%q, %v", line, err)
	}
	late.Stop()
	p.Close()
	ended(t, c, "sleep 987")
}

// TestLoginShell: an empty command in a terminal is the login shell, which Close hangs up.
func TestLoginShell(t *testing.T) {
	c := mustDial(t, config(sshdtest.Start(t, sshdtest.Options{}), "root"))
	p, err := c.Start(t.Context(), Command{Terminal: &Terminal{"xterm", 24, 80}})
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, p.Stderr) // ends with the shell
	late := time.AfterFunc(20*time.Second, p.Close)
	io.WriteString(p.Stdin, "echo up$((40+2)); sleep 986\n")
	in, seen := bufio.NewReader(p.Stdout), ""
	for !strings.Contains(seen, "up42") {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatalf("%q, %v", seen, err)
		}
		seen += line
	}
	late.Stop()
	p.Close()
	ended(t, c, "sleep 986")
}

func ended(t *testing.T, c *Client, line string) {
	t.Helper()
	for range 200 {
		if r, _ := c.Run(t.Context(), Command{Argv: []string{"pgrep", "-fx", line}}); r.Exit == 1 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s still runs", line)
}
