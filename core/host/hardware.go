package host

import (
	"context"
	"fmt"
	"time"

	"github.com/limiquantix/limiquantix/core"
	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
	"github.com/limiquantix/limiquantix/core/hardware"
)

// hardwareLimit bounds the whole reading: each tool on the host has ten seconds.
const hardwareLimit = time.Minute

// GetHostHardware implements the API: one command, one round trip.
func (s *Service) GetHostHardware(ctx context.Context, req *apiv1.GetHostHardwareRequest) (*apiv1.GetHostHardwareResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, hardwareLimit)
	defer cancel()
	_, link, err := s.m.Link(ctx, req.Host)
	if err != nil {
		return nil, err
	}
	r, ok := link.(Runner)
	if !ok {
		return nil, core.Errorf(core.Unsupported, "commands cannot be run on this host")
	}
	out, err := r.Run(ctx, Command{Argv: []string{"sh", "-c", hardware.Script}, MaxOutput: hardware.MaxOutput})
	if err != nil {
		return nil, fmt.Errorf("read the hardware: %w", err)
	}
	return hardware.Read(out.Out, time.Now()), nil
}
