// Package app is what the application says about itself.
package app

import (
	"context"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// About is what runs, for whom and where.
type About struct {
	Version  string
	Home     string // directory of the inventory
	User     string // of this computer; may be empty
	Computer string // its name; may be empty
	OS       string // "linux", "windows", "darwin"
	Demo     bool   // hosts are simulated
}

// Service is the API of the application itself.
type Service struct{ about About }

// NewService returns an API that says a.
func NewService(a About) *Service { return &Service{a} }

// GetAbout implements the API.
func (s *Service) GetAbout(context.Context, *apiv1.GetAboutRequest) (*apiv1.GetAboutResponse, error) {
	a := s.about
	return &apiv1.GetAboutResponse{Version: a.Version, Home: a.Home, User: a.User, Computer: a.Computer, Os: a.OS, Demo: a.Demo}, nil
}
