package cloudinit

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/limiquantix/limiquantix/core"
)

var update = flag.Bool("update", false, "write the golden files")

const (
	testID  = "0b5a63b1-7e60-4a8f-9c07-5ad6b4bb7ad2"
	testKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ada@example"
)

func configs() map[string]Config {
	base := Config{InstanceID: testID, Hostname: "web-1"}
	with := func(change func(c *Config)) Config { c := base; change(&c); return c }
	return map[string]Config{
		"bare": base,
		"user": with(func(c *Config) { c.User, c.SSHKeys = "ada", []string{testKey} }),
		"password": with(func(c *Config) {
			c.User, c.Password, c.PasswordLogin, c.Hostname = "ada", "correct horse: 'battery' #staple", true, "web.example.org"
		}),
		"default-user": with(func(c *Config) { c.SSHKeys, c.PasswordHash = []string{testKey}, "$6$saltsalt$0123456789abcdef" }),
		"root":         with(func(c *Config) { c.User, c.SSHKeys, c.Password = "root", []string{testKey}, "x" }),
		"agent":        with(func(c *Config) { c.GuestAgent = true }),
		"merged": with(func(c *Config) {
			c.User, c.SSHKeys, c.GuestAgent = "ada", []string{testKey}, true
			c.UserData = []byte(`#cloud-config
# mine
package_update: false
packages: [nginx, qemu-guest-agent]
users:
  - default
  - name: ada
    shell: /bin/zsh   # wins
    ssh_authorized_keys:
      - ssh-ed25519 AAAA mine
  - name: grace
runcmd:
  - [sh, -c, 'echo "hello" > /etc/motd']
write_files:
  - path: /etc/app.conf
    permissions: '0644'
    content: |
      yes: no
      	tab
x-base: &base {a: 0o17, b: on}
y: *base
`)
		}),
		"network": with(func(c *Config) {
			c.NetworkConfig = []byte("network:\n  version: 2\n  ethernets:\n    nic:\n      match: {macaddress: '52:54:00:12:34:56'}\n      addresses: [192.0.2.10/24]\n      gateway4: 192.0.2.1\n")
		}),
	}
}

func TestRenderedSeeds(t *testing.T) {
	for name, c := range configs() {
		t.Run(name, func(t *testing.T) {
			s, err := Render(c)
			if err != nil {
				t.Fatal(err)
			}
			got := "meta-data:\n" + string(s.MetaData) + "\nuser-data:\n" + string(s.UserData) + "\nnetwork-config:\n" + string(s.NetworkConfig)
			path := filepath.Join("testdata", "seed", name+".txt")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Error(d)
			}
			if again, _ := Render(c); !bytes.Equal(again.UserData, s.UserData) {
				t.Error("rendering again gives other bytes")
			}
			var user, meta map[string]any
			if err := yaml.Unmarshal(s.UserData, &user); err != nil {
				t.Error(err)
			}
			if err := yaml.Unmarshal(s.MetaData, &meta); err != nil || meta["instance-id"] != testID || meta["local-hostname"] != c.Hostname {
				t.Errorf("meta-data %v, %v", meta, err)
			}
			if c.Password != "" && bytes.Contains(s.UserData, []byte(c.Password)) && len(c.Password) > 1 {
				t.Error("the password is in the user-data")
			}
		})
	}
}

func TestRenderRefuses(t *testing.T) {
	ok := Config{InstanceID: testID, Hostname: "web"}
	own := func(s string) func(*Config) { return func(c *Config) { c.UserData = []byte(s) } }
	network := func(s string) func(*Config) { return func(c *Config) { c.NetworkConfig = []byte(s) } }
	key := func(s string) func(*Config) { return func(c *Config) { c.SSHKeys = []string{s} } }
	for name, tc := range map[string]struct {
		change func(*Config)
		says   string
	}{
		"no instance id":        {func(c *Config) { c.InstanceID = "" }, "instance id"},
		"instance id injects":   {func(c *Config) { c.InstanceID = "a\nb: c" }, "instance id"},
		"no host name":          {func(c *Config) { c.Hostname = "" }, "host name"},
		"host name injects":     {func(c *Config) { c.Hostname = "a\nb" }, "host name"},
		"host name $()":         {func(c *Config) { c.Hostname = "$(id)" }, "host name"},
		"host name -a":          {func(c *Config) { c.Hostname = "-a" }, "host name"},
		"host name long":        {func(c *Config) { c.Hostname = strings.Repeat("a", 64) }, "host name"},
		"user":                  {func(c *Config) { c.User = "Ada Lovelace" }, "user name"},
		"user option":           {func(c *Config) { c.User = "-u0" }, "user name"},
		"two passwords":         {func(c *Config) { c.Password, c.PasswordHash = "a", "$6$a$b" }, "both"},
		"clear text as hash":    {func(c *Config) { c.PasswordHash = "secret" }, "crypt(5)"},
		"password control":      {func(c *Config) { c.Password = "a\nb" }, "password"},
		"password long":         {func(c *Config) { c.Password = strings.Repeat("a", 257) }, "password"},
		"key empty":             {key(""), "key type"},
		"key private":           {key("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb"), "private key"},
		"key two lines":         {key(testKey + "\n" + testKey), "line break"},
		"key with options":      {key(`command="sh" ` + testKey), "key type"},
		"key cut off":           {key(testKey[:60]), "damaged"},
		"key not base64":        {key("ssh-ed25519 !!!!"), "base64"},
		"key of another type":   {key(strings.Replace(testKey, "ssh-ed25519", "ssh-rsa", 1)), "damaged"},
		"key DSA":               {key("ssh-dss AAAA"), "key type"},
		"no header":             {own("packages: [a]\n"), "does not begin"},
		"script":                {own("#!/bin/sh\necho\n"), "a script"},
		"jinja":                 {own("## template: jinja\n#cloud-config\n"), "Jinja"},
		"MIME":                  {own("Content-Type: multipart/mixed\n"), "MIME"},
		"MIME version first":    {own("MIME-Version: 1.0\n"), "MIME"},
		"include":               {own("#include\nhttp://example.org\n"), "#include"},
		"archive":               {own("#cloud-config-archive\n- a\n"), "#cloud-config-archive"},
		"gzip":                  {own("\x1f\x8b\x08\n"), "compressed"},
		"list":                  {own("#cloud-config\n- a\n"), "line 2: a mapping"},
		"scalar":                {own("#cloud-config\nhello\n"), "line 2: a mapping"},
		"tab":                   {own("#cloud-config\na:\n\tb: 1\n"), "line 3"},
		"unclosed":              {own("#cloud-config\na: [1\n"), "line"},
		"key twice":             {own("#cloud-config\na: 1\nb: 2\na: 3\n"), "line 4"},
		"two documents":         {own("#cloud-config\na: 1\n---\nb: 2\n"), "more than one"},
		"not UTF-8":             {own("#cloud-config\na: \xff\n"), "UTF-8"},
		"too large":             {own("#cloud-config\n#" + strings.Repeat("x", MaxUserData)), "larger"},
		"users is text":         {func(c *Config) { c.User = "ada"; own("#cloud-config\nusers: ada\n")(c) }, "line 2: users must be a list"},
		"merge key":             {own("#cloud-config\n<<: {a: 1}\n"), "merge key"},
		"alias bomb":            {own("#cloud-config\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n"), "alias"},
		"unknown alias":         {own("#cloud-config\na: *b\n"), "anchor"},
		"network without a key": {network("ethernets: {}\n"), "version"},
		"network version 3":     {network("version: 3\n"), "version"},
		"network list":          {network("- a\n"), "line 1"},
		"network v1 no config":  {network("version: 1\n"), "config: is missing"},
		"network v1 type":       {network("version: 1\nconfig:\n  - type: warp\n"), "line 3"},
		"network v1 MAC":        {network("version: 1\nconfig:\n  - type: physical\n    mac_address: 1\n"), "line 4"},
		"network v2 unknown":    {network("version: 2\nethernet: {}\n"), "ethernet is not known"},
		"network v2 address":    {network("version: 2\nethernets:\n  a:\n    addresses: [192.0.2.1]\n"), "line 4"},
		"network v2 gateway":    {network("version: 2\nethernets:\n  a:\n    gateway4: here\n"), "line 4"},
		"network v2 MAC":        {network("version: 2\nethernets:\n  a:\n    match: {macaddress: x}\n"), "line 4"},
		"network v2 device":     {network("version: 2\nethernets:\n  a: dhcp\n"), "line 3"},
		"network two roots":     {network("network: {version: 2}\nother: 1\n"), "belong"},
	} {
		t.Run(name, func(t *testing.T) {
			c := ok
			tc.change(&c)
			_, err := Render(c)
			if core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %v, want invalid with %q", err, tc.says)
			}
		})
	}
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	_, err := Preview(Config{
		Hostname: "-a", User: "Ada", Password: "a\nb", SSHKeys: []string{testKey, "nonsense", "ssh-ed25519 !!!!"}, UserData: []byte("#cloud-config\na: [1\n"),
		NetworkConfig: []byte("version: 2\nethernets:\n  a: dhcp\n  b: {gateway4: here, addresses: [x]}\nmore: {}\n"),
	})
	var got []string
	for _, e := range append([]*core.Error{core.AsError(err)}, core.AsError(err).Also...) {
		got = append(got, strings.TrimSuffix(e.Detail["field"]+":"+e.Detail["line"], ":"))
	}
	want := []string{"password", "hostname", "user", "ssh_keys[1]", "ssh_keys[2]", "user_data:2", "network_config:3", "network_config:4", "network_config:4", "network_config:5"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNetworkConfigsThatAreRight(t *testing.T) {
	for _, n := range []string{
		"version: 1\nconfig: disabled\n",
		"version: 1\nconfig:\n  - type: physical\n    name: eth0\n    mac_address: '52:54:00:12:34:56'\n    subnets: [{type: dhcp4}]\n  - type: nameserver\n    address: [192.0.2.53]\n",
		"version: 2\nrenderer: networkd\nethernets:\n  all:\n    match: {name: 'e*'}\n    dhcp4: true\n    addresses: ['2001:db8::1/64', {192.0.2.1/24: {label: a}}]\nbridges:\n  br0: {interfaces: [all]}\n",
	} {
		s, err := Render(Config{InstanceID: testID, Hostname: "a", NetworkConfig: []byte(n)})
		if err != nil || string(s.NetworkConfig) != n {
			t.Errorf("%v: got %q for %q", err, s.NetworkConfig, n)
		}
	}
}

// Vectors of the specification, then whatever the real openssl says.
func TestPasswordHashes(t *testing.T) {
	for _, tc := range []struct {
		password, salt string
		rounds         int
		want           string
	}{
		{"Hello world!", "saltstring", 5000, "svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
		{"Hello world!", "saltstringsaltst", 10000, "OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs/y3RnOaw5v."},
		{"the minimum number is still observed", "roundstoolow", 1000, "kUMsbe306n21p9R.FRkW3IGn.S9NPN0x50YhH1xhLsPuWGsUSklZt58jaTfF4ZEQpyUNGc0dqbpBYYBaHHrsX."},
	} {
		if got := sha512Crypt([]byte(tc.password), []byte(tc.salt), tc.rounds); got != tc.want {
			t.Errorf("%q: got %s", tc.password, got)
		}
	}
	for _, password := range []string{"x", "secret", "größe 🐧", strings.Repeat("long ", 40), strings.Repeat("x", 64), strings.Repeat("y", 65)} {
		got, err := hashPassword(password, testID)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("openssl", "passwd", "-6", "-salt", strings.Split(got, "$")[2], "-stdin")
		cmd.Stdin = strings.NewReader(password + "\n")
		want, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl: %v\n%s", err, want)
		}
		if got != strings.TrimSpace(string(want)) {
			t.Errorf("%q: got %s, openssl says %s", password, got, want)
		}
	}
	a, _ := hashPassword("x", "vm-a/ada")
	if b, _ := hashPassword("x", "vm-b/ada"); a == b {
		t.Error("two VMs have the same salt")
	}
}

func TestRealKeysAreAccepted(t *testing.T) {
	dir := t.TempDir()
	for _, argv := range [][]string{{"-t", "ed25519"}, {"-t", "rsa", "-b", "2048"}, {"-t", "ecdsa", "-b", "521"}} {
		path := filepath.Join(dir, argv[1])
		if out, err := exec.Command("ssh-keygen", append(argv, "-q", "-N", "", "-C", "a comment: with #signs", "-f", path)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		pub, err := os.ReadFile(path + ".pub")
		if err != nil {
			t.Fatal(err)
		}
		if err := checkKey(string(pub)); err != nil {
			t.Errorf("%s: %v", argv[1], err)
		}
		private, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := checkKey(string(private)); err == nil || !strings.Contains(err.Error(), "private") {
			t.Errorf("%s: a private key gives %v", argv[1], err)
		}
	}
}

func TestRedactLeavesNoSecret(t *testing.T) {
	const canary = "c4nary"
	in := `#cloud-config
# c4nary in a comment
users:
  - name: ada # c4nary
    passwd: c4nary
    ssh_authorized_keys: [ssh-ed25519 AAAA ada]
    plain_text_passwd: "c4nary"
chpasswd: {expire: false, list: "ada:c4nary"}
ssh_keys: {ed25519_private: c4nary}
runcmd: [[sh, -c, "curl -u ada:c4nary x"], echo c4nary]
write_files: [{path: /etc/x, permissions: '0600', content: c4nary}]
unheard_of: {deeply: [{nested: c4nary}]}
packages: [nginx]
a: &a c4nary
b: *a
`
	got := Redact(in)
	if strings.Contains(got, canary) {
		t.Errorf("the secret is there:\n%s", got)
	}
	for _, want := range []string{"name: ada", "nginx", "ssh-ed25519 AAAA ada", "/etc/x", "expire: false", "unheard_of"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is gone:\n%s", want, got)
		}
	}
	if got := Redact("#!/bin/sh\necho c4nary"); strings.Contains(got, canary) {
		t.Error(got)
	}
}

func FuzzUserData(f *testing.F) {
	for _, c := range configs() {
		f.Add(c.UserData)
	}
	f.Add([]byte("#cloud-config\na: &x {? [1, 2] : 3}\n\"b c\": |+\n  d\n\n? x\n: !!binary aGVsbG8=\n"))
	f.Add([]byte("#cloud-config\nusers: [{name: ada, passwd: ~}, ~, {name: [1]}]\nruncmd:\nchpasswd: [1]\n"))
	f.Fuzz(func(t *testing.T, own []byte) {
		c := Config{InstanceID: testID, Hostname: "a", User: "ada", PasswordHash: "$6$saltsalt$hashhash", SSHKeys: []string{testKey}, GuestAgent: true, UserData: own}
		Redact(string(own))
		s, err := Render(c)
		if err != nil {
			if core.CodeOf(err) != core.Invalid {
				t.Fatalf("%v has code %s", err, core.CodeOf(err))
			}
			return
		}
		var before, after map[string]any
		if err := yaml.Unmarshal(own, &before); err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(s.UserData, &after); err != nil {
			t.Fatalf("what was merged is not YAML: %v\n%s", err, s.UserData)
		}
		for k, v := range before {
			if k == "users" || k == "packages" || k == "runcmd" {
				continue
			}
			if !cmp.Equal(v, after[k], cmpopts.EquateNaNs()) {
				t.Fatalf("%q was %#v and is %#v in\n%s", k, v, after[k], s.UserData)
			}
		}
	})
}
