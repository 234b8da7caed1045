package compose

import (
	"math"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/api/v1/apiv1connect"
)

// TestRefusalsNameTheField: a form shows the sentence beside the field that is
// to blame, whether the request is refused or its plan blocked.
func TestRefusalsNameTheField(t *testing.T) {
	r := oneHost(t, 1)
	r.image(t, "debian.qcow2")
	for field, spoil := range map[string]func(r *apiv1.CreateVMRequest){
		"name":                      func(r *apiv1.CreateVMRequest) { r.Name = "a/b" },
		"vcpus":                     func(r *apiv1.CreateVMRequest) { r.Vcpus = -1 },
		"memory_bytes":              func(r *apiv1.CreateVMRequest) { r.MemoryBytes = 1 },
		"disk_bytes":                func(r *apiv1.CreateVMRequest) { r.DiskBytes = -1 },
		"image":                     func(r *apiv1.CreateVMRequest) { r.Image = "" },
		"nics[1].mac":               func(r *apiv1.CreateVMRequest) { r.Nics = []*apiv1.NewNIC{{}, {Mac: "x"}} },
		"cloud_init.hostname":       func(r *apiv1.CreateVMRequest) { r.CloudInit.Hostname = "-" },
		"cloud_init.user":           func(r *apiv1.CreateVMRequest) { r.CloudInit.User = "A B" },
		"cloud_init.password":       func(r *apiv1.CreateVMRequest) { r.CloudInit.Password = "a\nb" },
		"cloud_init.password_hash":  func(r *apiv1.CreateVMRequest) { r.CloudInit.Password, r.CloudInit.PasswordHash = "", "x" },
		"cloud_init.ssh_keys[0]":    func(r *apiv1.CreateVMRequest) { r.CloudInit.SshKeys = []string{"x"} },
		"cloud_init.user_data":      func(r *apiv1.CreateVMRequest) { r.CloudInit.UserData = "#cloud-config\nusers: ada\n" },
		"cloud_init.network_config": func(r *apiv1.CreateVMRequest) { r.CloudInit.NetworkConfig = "version: 3\n" },
		// What no host has.
		"title":          func(r *apiv1.CreateVMRequest) { r.Title = "two\nlines" },
		"vcpus ":         func(r *apiv1.CreateVMRequest) { r.Vcpus = 4097 },
		"memory_bytes  ": func(r *apiv1.CreateVMRequest) { r.MemoryBytes = math.MaxInt64 },
		"disk_bytes  ":   func(r *apiv1.CreateVMRequest) { r.DiskBytes = math.MaxInt64 },
		// What only the host can tell.
		"name ":            func(r *apiv1.CreateVMRequest) { r.Name = "vm1" },
		"memory_bytes ":    func(r *apiv1.CreateVMRequest) { r.MemoryBytes = int64(core.GiB) << 20 },
		"disk_bytes ":      func(r *apiv1.CreateVMRequest) { r.Image, r.DiskBytes = "debian-12-base", 1<<20 },
		"image ":           func(r *apiv1.CreateVMRequest) { r.Image = "nope" },
		"pool":             func(r *apiv1.CreateVMRequest) { r.Image, r.Pool = "default/debian", "nope" },
		"nics[0].network ": func(r *apiv1.CreateVMRequest) { r.Nics = []*apiv1.NewNIC{{Network: "nope"}} },
	} {
		t.Run(field, func(t *testing.T) {
			req := create("web1")
			spoil(req)
			want := strings.TrimSpace(field)
			_, err := r.vms.CreateVM(t.Context(), proto.CloneOf(req))
			if e := core.AsError(server.FromConnect(err)); e == nil || e.Detail["field"] != want {
				t.Errorf("created: got %v, %v, want field %q", err, e, want)
			}
			req.PlanOnly = true
			op, err := r.vms.CreateVM(t.Context(), req)
			if err != nil {
				if e := core.AsError(server.FromConnect(err)); e.Detail["field"] != want {
					t.Errorf("planned: got %v, %v, want field %q", err, e.Detail, want)
				}
			} else if op.Plan.Blockers[0].Field != want {
				t.Errorf("planned: got %v, want field %q", op.Plan.Blockers, want)
			}
		})
	}
}

func TestOtherRefusalsNameTheField(t *testing.T) {
	r := oneHost(t, 0)
	pools, images := apiv1connect.NewStorageServiceClient(r.http, r.url), apiv1connect.NewImageServiceClient(r.http, r.url)
	host := func(name, address string) func() error {
		return func() error {
			_, err := r.hosts.AddHost(t.Context(), &apiv1.AddHostRequest{Name: name, Spec: &apiv1.HostSpec{Address: address}})
			return err
		}
	}
	pool := func(name, path string) func() error {
		return func() error {
			_, err := pools.CreatePool(t.Context(), &apiv1.CreatePoolRequest{Host: "host1", Name: name, Path: path})
			return err
		}
	}
	image := func(like *apiv1.AddImageRequest) func() error {
		return func() error {
			like.Host = "host1"
			_, err := images.AddImage(t.Context(), like)
			return err
		}
	}
	for _, test := range []struct {
		field string
		call  func() error
	}{
		{"name", host("", "sim:host2")}, {"name", host("host1", "sim:host2")}, {"spec.address", host("host2", "a b")},
		{"name", pool("a/b", "/srv/x")}, {"path", pool("x", "srv")}, {"name", pool("default", "/srv/x")},
		{"source", image(&apiv1.AddImageRequest{})}, {"source", image(&apiv1.AddImageRequest{Source: "a"})},
		{"source", image(&apiv1.AddImageRequest{Source: "/nope/nope"})}, {"checksum", image(&apiv1.AddImageRequest{Source: "/a", Checksum: "x"})},
		{"name", image(&apiv1.AddImageRequest{Source: "/a", Name: "a/b"})},
	} {
		err := test.call()
		if e := core.AsError(server.FromConnect(err)); e == nil || e.Detail["field"] != test.field {
			t.Errorf("got %v, %v, want field %q", err, e, test.field)
		}
	}
}

func TestCloudInitPreviewIsTheSeed(t *testing.T) {
	r := oneHost(t, 0)
	preview := func(c *apiv1.CloudInit) (*apiv1.PreviewCloudInitResponse, error) {
		return r.vms.PreviewCloudInit(t.Context(), &apiv1.PreviewCloudInitRequest{Name: "Web 1", CloudInit: c, Nics: 1})
	}
	got, err := preview(&apiv1.CloudInit{User: "ada", Password: "hunter2", UserData: "#cloud-config\npackages: [htop]\n"})
	if err != nil {
		t.Fatal(err)
	}
	const user = `#cloud-config
users:
  - name: ada
    shell: "/bin/bash"
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    lock_passwd: false
    passwd: "***"
packages: [htop]
`
	const meta = "instance-id: \"00000000-0000-0000-0000-000000000000\"\nlocal-hostname: \"web-1\"\n"
	if got.UserData != user || got.MetaData != meta || got.NetworkConfig != "" {
		t.Errorf("got %q, %q, %q", got.UserData, got.MetaData, got.NetworkConfig)
	}
	hash := "$6$abcdefgh$abcdefghijklmnop"
	if got, err = preview(&apiv1.CloudInit{PasswordHash: hash}); err != nil || strings.Contains(got.UserData, hash) || !strings.Contains(got.UserData, `password: "***"`) {
		t.Errorf("got %v, %v", got, err)
	}
	for name, test := range map[string]struct {
		ci                  *apiv1.CloudInit
		field, line, column string
	}{
		"syntax":  {&apiv1.CloudInit{UserData: "#cloud-config\na:\n  - b\n   c: d\n"}, "cloud_init.user_data", "4", "4"},
		"meaning": {&apiv1.CloudInit{User: "ada", UserData: "#cloud-config\n\nusers: ada\n"}, "cloud_init.user_data", "3", "8"},
		"network": {&apiv1.CloudInit{NetworkConfig: "version: 2\nethernets:\n  a: dhcp\n"}, "cloud_init.network_config", "3", "6"},
		"user":    {&apiv1.CloudInit{User: "Ada"}, "cloud_init.user", "", ""},
	} {
		_, err := preview(test.ci)
		e := core.AsError(server.FromConnect(err))
		if e == nil || e.Code != core.Invalid || e.Detail["field"] != test.field || e.Detail["line"] != test.line || e.Detail["column"] != test.column {
			t.Errorf("%s: got %v, %v", name, err, e)
		}
	}
}
