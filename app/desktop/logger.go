//go:build desktop

package desktop

import "log/slog"

// slogger is Wails' logger on ours.
type slogger struct{ log *slog.Logger }

// Print implements Wails' logger.Logger, as those below do.
func (s slogger) Print(message string) { s.log.Debug(message) }

// Trace is a debug line.
func (s slogger) Trace(message string) { s.log.Debug(message) }

// Debug is a debug line.
func (s slogger) Debug(message string) { s.log.Debug(message) }

// Info is a debug line: it is of interest to nobody else.
func (s slogger) Info(message string) { s.log.Debug(message) }

// Warning is a warning.
func (s slogger) Warning(message string) { s.log.Warn(message) }

// Error is an error.
func (s slogger) Error(message string) { s.log.Error(message) }

// Fatal is an error: what ends the program is not Wails' to say.
func (s slogger) Fatal(message string) { s.log.Error(message) }
