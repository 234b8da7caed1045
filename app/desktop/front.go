package desktop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
)

// showPath is on the socket of an open window; only the user's own processes
// reach it.
const showPath = "/show"

// showTime is how long an open window may take to show something: its page may
// have to be loaded first.
const showTime = 30 * time.Second

// showRequest is what a process asks of the window that is open, showAnswer what
// became of it.
type showRequest struct {
	Link string `json:"link"`
}
type showAnswer struct {
	Code    core.Code `json:"code,omitempty"`
	Message string    `json:"message,omitempty"`
	Hint    string    `json:"hint,omitempty"`
}

// Front serves what other processes of the user may ask of an open window: to
// come to the front and to show what a link names. show gets the link as it
// came.
func Front(show func(ctx context.Context, link string) error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+showPath, func(w http.ResponseWriter, r *http.Request) {
		var req showRequest
		if err := json.NewDecoder(io.LimitReader(r.Body, 8<<10)).Decode(&req); err != nil {
			http.Error(w, "no request", http.StatusBadRequest)
			return
		}
		answer := showAnswer{}
		if err := show(r.Context(), req.Link); err != nil {
			e := core.AsError(err)
			answer = showAnswer{Code: e.Code, Message: e.Message, Hint: e.Hint}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer) // the caller may have gone
	})
	return mux
}

// HandOver asks the open window that client reaches to show a link; "" only
// brings it to the front.
//
// Errors: those of Front's show; [core.Conflict] when the window does not answer;
// [core.Canceled] when ctx ends.
func HandOver(ctx context.Context, client *http.Client, link string) error {
	asking, cancel := context.WithTimeout(ctx, showTime)
	defer cancel()
	body, err := json.Marshal(showRequest{Link: link})
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	req, err := http.NewRequestWithContext(asking, http.MethodPost, server.LocalURL+showPath, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	res, err := client.Do(req)
	if err != nil {
		return silent(ctx, err)
	}
	defer res.Body.Close()
	var answer showAnswer
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&answer); err != nil {
		return silent(ctx, err)
	}
	if answer.Code != "" {
		return &core.Error{Code: answer.Code, Message: answer.Message, Hint: answer.Hint}
	}
	return nil
}

// silent is the error of a window that gave no answer.
func silent(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return core.Errorf(core.Canceled, "canceled before the window that is open had answered")
	}
	return &core.Error{Code: core.Conflict, Message: "the window that is open does not answer",
		Hint: "it may be stopped, or ending: end it and try again", Cause: cause}
}
