package config

import "reflect"

// check validates what is known only after the layers are merged: the flags, and
// settings that depend on each other.
func (c Config) check() error {
	for _, s := range Settings() {
		o := c.Origins[s.Key]
		if o.Kind != FromFlag {
			continue // checked when it was read
		}
		if err := s.check(fieldByKey(c, s.Key)); err != nil {
			return errorAt(o, "%w", err)
		}
	}
	return checkKeyPair(c.Origins, c.ClientCert, c.ClientKey)
}

// checkKeyPair rejects a certificate without its key, and a key without its
// certificate.
func checkKeyPair(origins map[string]Origin, cert, key string) error {
	switch {
	case cert != "" && key == "":
		return errorAt(origins["client-cert"], "client-cert is set without client-key")
	case cert == "" && key != "":
		return errorAt(origins["client-key"], "client-key is set without client-cert")
	}
	return nil
}

// fieldByKey returns the field of a Config or a Registry whose tag is key; nil if
// there is none.
func fieldByKey(of any, key string) any {
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		switch v.Type().Field(i).Tag.Get("mapstructure") {
		case key:
			return v.Field(i).Interface()
		case ",squash":
			if found := fieldByKey(v.Field(i).Interface(), key); found != nil {
				return found
			}
		}
	}
	return nil
}
