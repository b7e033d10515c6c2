// Package config reads the settings: from flags, from MANIFEST_TOOL_*
// variables, from a YAML file and from defaults, in this order of precedence
// (decision 21), and remembers where each one came from.
//
// viper merges the layers and decodes the result. It does not read the file or the
// environment: it has no line numbers, lower-cases keys, and would read the
// process's environment instead of the caller's. This package reads the YAML nodes
// of the file and the variables itself, checks each value with its location, and
// passes valid values to viper. No other package imports viper.
package config
