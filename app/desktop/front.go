package desktop

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/limiquantix/limiquantix/app/server"
	"github.com/limiquantix/limiquantix/core"
)

// showPath is on the socket of an open window; only the user's own processes
// reach it.
const showPath = "/show"

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
// Errors: those of Front's show.
func HandOver(ctx context.Context, client *http.Client, link string) error {
	body, err := json.Marshal(showRequest{Link: link})
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.LocalURL+showPath, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	res, err := client.Do(req)
	if err != nil {
		return core.Errorf(core.Conflict, "the window that is open does not answer: %w", err)
	}
	defer res.Body.Close()
	var answer showAnswer
	if err := json.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&answer); err != nil {
		return core.Errorf(core.Conflict, "the window that is open does not answer: %w", err)
	}
	if answer.Code != "" {
		return &core.Error{Code: answer.Code, Message: answer.Message, Hint: answer.Hint}
	}
	return nil
}
