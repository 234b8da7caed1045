package cli

import (
	"encoding/base64"
	"sort"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// A node is data on its way to an output format: nil, bool, int64, uint64,
// float64, string, list or object.
type node any

type list []node

// object is fields in a fixed order: that of the .proto.
type object []field

type field struct {
	key   string
	value node
}

// encode turns a message into an object with all its fields, set or not, under
// their names in the .proto: numbers as numbers (protojson makes int64 a
// string), times in RFC 3339, enums as the lower-case word without the enum's
// prefix (STATE_RUNNING: "running"), an absent message or time as nil.
func encode(m proto.Message) object {
	return encodeMessage(m.ProtoReflect())
}

func encodeMessage(m protoreflect.Message) object {
	fields := m.Descriptor().Fields()
	out := make(object, fields.Len())
	for i := range out {
		f := fields.Get(i)
		out[i] = field{key: string(f.Name()), value: encodeField(m, f)}
	}
	return out
}

func encodeField(m protoreflect.Message, f protoreflect.FieldDescriptor) node {
	v := m.Get(f)
	switch {
	case f.IsMap():
		return encodeMap(f, v.Map())
	case f.IsList():
		out := list{}
		for i := range v.List().Len() {
			out = append(out, encodeValue(f, v.List().Get(i)))
		}
		return out
	case f.Message() != nil && !m.Has(f):
		return nil
	}
	return encodeValue(f, v)
}

func encodeMap(f protoreflect.FieldDescriptor, m protoreflect.Map) node {
	out := object{}
	m.Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
		out = append(out, field{key: k.String(), value: encodeValue(f.MapValue(), v)})
		return true
	})
	sort.Slice(out, func(i, j int) bool { return out[i].key < out[j].key })
	return out
}

func encodeValue(f protoreflect.FieldDescriptor, v protoreflect.Value) node {
	switch f.Kind() {
	case protoreflect.EnumKind:
		return enumWord(f.Enum(), v.Enum())
	case protoreflect.MessageKind:
		if t, ok := v.Message().Interface().(*timestamppb.Timestamp); ok {
			return t.AsTime().UTC().Format(time.RFC3339)
		}
		return encodeMessage(v.Message())
	case protoreflect.BytesKind:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind,
		protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return v.Int()
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return v.Uint()
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return v.Float()
	}
	return v.Interface() // bool, string
}

// enumWord returns an enum's value as users read it: "running".
func enumWord(e protoreflect.EnumDescriptor, n protoreflect.EnumNumber) string {
	v := e.Values().ByNumber(n)
	if v == nil {
		return "unknown" // of a newer server
	}
	var prefix strings.Builder
	for i, r := range string(e.Name()) {
		if i > 0 && r >= 'A' && r <= 'Z' {
			prefix.WriteByte('_')
		}
		prefix.WriteRune(r)
	}
	return strings.ToLower(strings.TrimPrefix(string(v.Name()), strings.ToUpper(prefix.String())+"_"))
}

// word returns an enum value as users read it.
func word(e protoreflect.Enum) string { return enumWord(e.Descriptor(), e.Number()) }
