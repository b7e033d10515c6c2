package config

import "reflect"

// check validates the merged settings: the flags, and settings that depend on each
// other.
func (c Config) check() error {
	for _, s := range Settings() {
		o := c.Origins[s.Key]
		if o.Kind != FromFlag {
			continue // checked where it was read
		}
		if err := s.check(fieldByKey(c, s.Key)); err != nil {
			return errorAt(o, "%w", err)
		}
	}
	return checkKeyPair(c.Origins, c.ClientCert, c.ClientKey)
}

// checkKeyPair rejects a certificate without its key and a key without its
// certificate.
func checkKeyPair(origins map[string]Origin, cert, key string) error {
	switch {
	case cert != "" && key == "":
		return errorAt(origins["client-cert"], "client-cert is set, and no client-key to go with it")
	case cert == "" && key != "":
		return errorAt(origins["client-key"], "client-key is set, and no client-cert to go with it")
	}
	return nil
}

// fieldByKey returns the field of a Config or a Registry that has the key for its
// tag, or nil.
func fieldByKey(of any, key string) any {
	v := reflect.ValueOf(of)
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("mapstructure") == key {
			return v.Field(i).Interface()
		}
	}
	return nil
}
