package contract

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/limiquantix/limiquantix/core"
	"github.com/limiquantix/limiquantix/core/network"
)

func networkCases() []one {
	return []one{
		{"networks", nil, networkDefine},
		{"a started network", []Feature{Networks}, networkStart},
	}
}

// networkXML is a NAT network; subnet n is 10.88.n.0/24.
func networkXML(name string, n int) string {
	return fmt.Sprintf(`<network><name>%s</name><forward mode='nat'/><bridge name='lqc%d'/><ip address='10.88.%d.1' netmask='255.255.255.0'><dhcp><range start='10.88.%d.100' end='10.88.%d.200'/></dhcp></ip></network>`,
		name, n, n, n, n)
}

func (e *env) findNetwork(name string) (network.Network, bool) {
	e.Helper()
	all, err := e.h.Networks(e.ctx)
	e.ok("list networks", err)
	i := slices.IndexFunc(all, func(n network.Network) bool { return n.Name == name })
	if i < 0 {
		return network.Network{}, false
	}
	return all[i], true
}

func networkDefine(e *env) {
	name := e.name("net")
	e.ok("define", e.h.DefineNetwork(e.ctx, networkXML(name, 1)))
	n, ok := e.findNetwork(name)
	if !ok || n.Active || !n.Persistent || n.Autostart || n.Forward != "nat" || n.CIDR != "10.88.1.1/24" || n.Bridge != "lqc1" {
		e.Errorf("listed (%t) as %+v", ok, n)
	}
	xml, err := e.h.NetworkXML(e.ctx, name)
	e.ok("XML", err)
	if !strings.Contains(xml, "<name>"+name+"</name>") {
		e.Errorf("XML:\n%s", xml)
	}
	twin := strings.Replace(networkXML(name, 1), "</name>", "</name><uuid>"+core.NewUUID()+"</uuid>", 1)
	e.code("define a name that is taken", e.h.DefineNetwork(e.ctx, twin), core.Exists)
	e.code("define what is no network", e.h.DefineNetwork(e.ctx, "<network"), core.Invalid)
	_, err = e.h.NetworkXML(e.ctx, "no such network")
	e.code("XML of an unknown one", err, core.NotFound)
	e.code("start an unknown one", e.h.StartNetwork(e.ctx, "no such network"), core.NotFound)
}

func networkStart(e *env) {
	name := e.name("net")
	e.ok("define", e.h.DefineNetwork(e.ctx, networkXML(name, 2)))
	ctx, cancel := context.WithTimeout(e.ctx, time.Minute)
	defer cancel()
	e.ok("start", e.h.StartNetwork(ctx, name))
	e.refused("start again", e.h.StartNetwork(ctx, name))
	if n, _ := e.findNetwork(name); !n.Active {
		e.Errorf("listed as %+v", n)
	}
	leases, err := e.h.Leases(ctx, name)
	e.ok("leases", err)
	if len(leases) != 0 {
		e.Errorf("leases without a guest: %v", leases)
	}
}
