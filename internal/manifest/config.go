package manifest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"manifest-tool/internal/errtext"
	"manifest-tool/internal/jsonedit"
	"manifest-tool/internal/reference"
)

// Config is the config of an image, as far as it can be read. Only its platform is
// required: other fields with an unexpected value are empty.
type Config struct {
	ocispec.Image
	// Raw are the exact bytes.
	Raw []byte
	// Unexpected names the fields with an unexpected value, and what was done. If
	// there are more than maxUnexpected, the last one counts the rest.
	Unexpected []string
	// unlisted is the number of those that are not in Unexpected.
	unlisted int
}

// maxUnexpected is how many unexpected values of a config are listed, maxHistory how
// many steps are read of a history that has such values.
const (
	maxUnexpected = 20
	maxHistory    = 10_000
)

// ConfigError means that the platform of an image is unknown because its config
// is not a JSON object, or has a platform that cannot be read.
type ConfigError struct {
	Ref reference.Ref
	Err error
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("reading the config of %s: %v", e.Ref, e.Err)
}

// Unwrap returns why the config cannot be read.
func (e *ConfigError) Unwrap() error { return e.Err }

// Hint says how the platform can be set all the same.
func (e *ConfigError) Hint() string {
	return "the platform of this image is unknown: an index can declare it, with os and architecture under platform: in the spec of push"
}

// ReadConfig fetches the config of an image manifest of ref. A missing config is
// store.ErrNotFound; one whose platform cannot be read is a *ConfigError.
func ReadConfig(ctx context.Context, r Reader, ref reference.Ref, m ocispec.Manifest) (Config, error) {
	if err := ValidateDescriptor(m.Config); err != nil {
		return Config{}, fmt.Errorf("config of %s: %w", ref, err)
	}
	raw, err := r.ReadBlob(ctx, ref, m.Config)
	if err != nil {
		return Config{}, err
	}
	config, err := ParseConfig(raw)
	if err != nil {
		err = &ConfigError{ref, err}
	}
	return config, err
}

// WarnUnexpected reports the unexpected values of the config of ref to r. The
// error is that of Reader.Warn.
func (c Config) WarnUnexpected(r Reader, ref reference.Ref) error {
	if len(c.Unexpected) == 0 {
		return nil
	}
	return r.Warn(fmt.Sprintf("the config of %s has unexpected values: %s", ref, strings.Join(c.Unexpected, "; ")))
}

// ParseConfig parses the config of an image. Builders write fields in forms that
// the image-spec does not have, such as an empty "created"; those are listed in
// Unexpected. The error is for a config that is not an object, and for a
// platform that cannot be read; Raw is set then too.
func ParseConfig(raw []byte) (Config, error) {
	config := Config{Raw: raw}
	err := json.Unmarshal(raw, &config.Image)
	if err == nil {
		return config, nil
	}
	config.Image = ocispec.Image{}
	fields, notObject := jsonedit.Fields(raw)
	if notObject != nil {
		return config, errtext.DecodeError(raw, err)
	}
	for _, f := range fields {
		switch {
		case decodeField(f, &config.Image) == nil:
		case strings.EqualFold(f.Name, "os.features"):
			return config, fmt.Errorf("%s is %s, which is not a list of strings", f.Name, shortJSON(f.Value))
		case isPlatformField(f.Name):
			return config, fmt.Errorf("%s is %s, which is not a string", f.Name, shortJSON(f.Value))
		case strings.EqualFold(f.Name, "config"):
			config.decodeRuntime(f.Value)
		case strings.EqualFold(f.Name, "history"):
			config.decodeHistory(f.Value)
		default:
			config.ignore(f.Name, f.Value)
		}
	}
	if config.unlisted > 0 {
		config.Unexpected = append(config.Unexpected, fmt.Sprintf("and %d more", config.unlisted))
	}
	return config, nil
}

// isPlatformField reports whether a field of a config is a string of the platform.
func isPlatformField(name string) bool {
	for _, field := range []string{"os", "architecture", "variant", "os.version"} {
		if strings.EqualFold(name, field) {
			return true
		}
	}
	return false
}

// ignore notes a field that is left empty.
func (c *Config) ignore(name string, value json.RawMessage) { c.note(name, value, "which is ignored") }

// note lists a field with an unexpected value, and what was done, or counts it.
func (c *Config) note(name string, value json.RawMessage, done string) {
	if len(c.Unexpected) == maxUnexpected {
		c.unlisted++
		return
	}
	c.Unexpected = append(c.Unexpected, fmt.Sprintf("%s is %s, %s", name, shortJSON(value), done))
}

// decodeRuntime decodes the object "config", field by field. As Docker does, it
// reads a string as a list of one; a number as a user is read as its digits.
func (c *Config) decodeRuntime(value json.RawMessage) {
	fields, err := jsonedit.Fields(value)
	if err != nil {
		c.ignore("config", value)
		return
	}
	for _, f := range fields {
		name := "config." + f.Name
		if decodeField(f, &c.Config) == nil {
			continue
		}
		guess := jsonedit.Field{Name: f.Name, Value: []byte("[" + string(f.Value) + "]")}
		if strings.EqualFold(f.Name, "User") {
			guess.Value = []byte(strconv.Quote(string(f.Value)))
		}
		if _, isNumber := strconv.ParseInt(string(f.Value), 10, 64); (f.Value[0] == '"' || isNumber == nil) && decodeField(guess, &c.Config) == nil {
			c.note(name, f.Value, "read as "+shortJSON(guess.Value))
			continue
		}
		c.ignore(name, f.Value)
	}
}

// decodeHistory decodes the steps of the history, field by field.
func (c *Config) decodeHistory(value json.RawMessage) {
	var steps []json.RawMessage
	if json.Unmarshal(value, &steps) != nil {
		c.ignore("history", value)
		return
	}
	if len(steps) > maxHistory {
		c.note("history", value, fmt.Sprintf("which is ignored: it has %d steps", len(steps)))
		return
	}
	c.History = make([]ocispec.History, len(steps))
	for i, step := range steps {
		name := fmt.Sprintf("history[%d]", i)
		fields, err := jsonedit.Fields(step)
		if err != nil && string(step) != "null" {
			c.ignore(name, step)
		}
		for _, f := range fields {
			if decodeField(f, &c.History[i]) != nil {
				c.ignore(name+"."+f.Name, f.Value)
			}
		}
	}
}

// decodeField decodes one field of an object into the struct that into points to. If
// it fails, the struct keeps its value.
func decodeField[T any](f jsonedit.Field, into *T) error {
	one, err := json.Marshal(map[string]json.RawMessage{f.Name: f.Value})
	if err != nil {
		return err
	}
	was := *into
	if err = json.Unmarshal(one, into); err != nil {
		*into = was
	}
	return err
}

// maxValueShown is how many bytes of an unexpected value a message shows.
const maxValueShown = 60

func shortJSON(value []byte) string {
	if len(value) > maxValueShown {
		return strings.ToValidUTF8(string(value[:maxValueShown]), "") + "…"
	}
	return string(value)
}
