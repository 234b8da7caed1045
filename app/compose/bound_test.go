package compose

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	apiv1 "github.com/limiquantix/limiquantix/core/api/v1"
)

// What no field of a request may hold.
const (
	absurdText  = 1<<20 + 1
	absurdItems = 100_000
)

// TestEveryFieldOfEveryRequestIsBounded is a rule of the house: whoever adds a
// call or a field gets it bounded, by app/server/bound.go if by nothing else.
// It sends each text, and each list, of each request far too long; all are
// refused with the field's name, and no host hears of them.
func TestEveryFieldOfEveryRequestIsBounded(t *testing.T) {
	r := oneHost(t, 1)
	before := r.fleet.Calls("", "")
	tried := 0
	protoregistry.GlobalFiles.RangeFilesByPackage("limiquantix.v1", func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			if !answersFor(t, r, file.Services().Get(i)) {
				continue // what nobody can call needs no bounds
			}
			methods := file.Services().Get(i).Methods()
			for j := range methods.Len() {
				m := methods.Get(j)
				for _, c := range absurd(m.Input(), 3) {
					tried++
					if field, err := refusal(r, m, c.request); err != nil || field != c.field {
						t.Errorf("%s with an absurd %s: refused for %q, %v", m.FullName(), c.field, field, err)
					}
				}
			}
		}
		return true
	})
	if tried < 60 {
		t.Errorf("only %d fields were tried", tried)
	}
	if got := r.fleet.Calls("", ""); got != before {
		t.Errorf("%d calls came to the host", got-before)
	}
}

// answersFor reports whether the application answers for a service.
func answersFor(t *testing.T, r *rig, s protoreflect.ServiceDescriptor) bool {
	res, err := r.http.Get(fmt.Sprintf("%s/%s/%s", r.url, s.FullName(), s.Methods().Get(0).Name()))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode != http.StatusNotFound
}

// absurdity is a request with one field that holds too much.
type absurdity struct {
	field   string
	request *dynamicpb.Message
}

// absurd returns an absurdity for each text and list of a message, and of the
// messages in it down to depth.
func absurd(d protoreflect.MessageDescriptor, depth int) (all []absurdity) {
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		name := string(f.Name())
		text := f.Kind() == protoreflect.StringKind || f.Kind() == protoreflect.BytesKind
		switch {
		case f.IsMap():
			panic("a map in a request: teach bound.go and this test")
		case f.IsList():
			m := dynamicpb.NewMessage(d)
			list := m.Mutable(f).List()
			for range absurdItems {
				list.Append(list.NewElement())
			}
			all = append(all, absurdity{name, m})
			if text {
				m := dynamicpb.NewMessage(d)
				m.Mutable(f).List().Append(longText(f))
				all = append(all, absurdity{name + "[0]", m})
			}
		case text:
			m := dynamicpb.NewMessage(d)
			m.Set(f, longText(f))
			all = append(all, absurdity{name, m})
		}
		if f.Kind() != protoreflect.MessageKind || depth == 0 {
			continue
		}
		for _, in := range absurd(f.Message(), depth-1) {
			m, path := dynamicpb.NewMessage(d), name+"."+in.field
			if f.IsList() {
				m.Mutable(f).List().Append(protoreflect.ValueOfMessage(in.request))
				path = name + "[0]." + in.field
			} else {
				m.Set(f, protoreflect.ValueOfMessage(in.request))
			}
			all = append(all, absurdity{path, m})
		}
	}
	return all
}

func longText(f protoreflect.FieldDescriptor) protoreflect.Value {
	if f.Kind() == protoreflect.BytesKind {
		return protoreflect.ValueOfBytes(make([]byte, absurdText))
	}
	return protoreflect.ValueOfString(strings.Repeat("x", absurdText))
}

// refusal sends a request and returns the field that it is refused for.
func refusal(r *rig, m protoreflect.MethodDescriptor, request proto.Message) (field string, err error) {
	body, err := proto.Marshal(request)
	if err != nil {
		return "", err
	}
	kind := "application/proto"
	if m.IsStreamingServer() {
		kind = "application/connect+proto"
		body = append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(body))), body...)
	}
	res, err := r.http.Post(fmt.Sprintf("%s/%s/%s", r.url, m.Parent().FullName(), m.Name()), kind, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return "", err
	}
	return readRefusal(res, answer)
}

// readRefusal reads a Connect error: a body of JSON, in a stream after five
// bytes and as "error".
func readRefusal(res *http.Response, answer []byte) (field string, err error) {
	type refused struct {
		Code    string
		Details []struct{ Value string }
	}
	var e refused
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/connect") {
		var end struct{ Error refused }
		err = json.Unmarshal(answer[min(5, len(answer)):], &end)
		e = end.Error
	} else {
		err = json.Unmarshal(answer, &e)
	}
	if err != nil || e.Code != "invalid_argument" || len(e.Details) != 1 {
		return "", fmt.Errorf("%s %.200q: %w", res.Status, answer, err)
	}
	value, err := base64.RawStdEncoding.DecodeString(e.Details[0].Value)
	detail := &apiv1.ErrorDetail{}
	if err == nil {
		err = proto.Unmarshal(value, detail)
	}
	return detail.Detail["field"], err
}
