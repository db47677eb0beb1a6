package config_test

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"handrail/config"
)

// composeFile is as much of compose.yaml as is checked here.
type composeFile struct {
	Services map[string]struct {
		Image       string            `yaml:"image"`
		Environment map[string]string `yaml:"environment"`
		Ports       []string          `yaml:"ports"`
		Volumes     []string          `yaml:"volumes"`
		Networks    []string          `yaml:"networks"`
		Healthcheck struct {
			Test []string `yaml:"test"`
		} `yaml:"healthcheck"`
	} `yaml:"services"`
	Networks map[string]struct{} `yaml:"networks"`
	Volumes  map[string]struct{} `yaml:"volumes"`
}

// No Docker engine runs in the tests, so this reads the file: it parses, every password must be given, and nothing but
// the public listener is published (C12, C15).
func TestCompose_C12_C15(t *testing.T) {
	text, err := os.ReadFile("../compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var c composeFile
	if err := yaml.Unmarshal(text, &c); err != nil {
		t.Fatal(err)
	}
	if len(c.Services) != 3 {
		t.Fatalf("%d services", len(c.Services))
	}
	for name, s := range c.Services {
		if s.Image == "" {
			t.Errorf("%s: no image", name)
		}
		for variable, value := range s.Environment {
			secret := strings.Contains(variable, "PASSWORD") || strings.Contains(value, "@")
			if secret && !regexp.MustCompile(`\$\{[A-Z_]+:\?[^}]+\}`).MatchString(value) {
				t.Errorf("%s: %s does not insist on its password", name, variable)
			}
		}
		for _, v := range s.Volumes {
			volume, _, _ := strings.Cut(v, ":")
			if _, ok := c.Volumes[volume]; !ok {
				t.Errorf("%s: volume %s is not declared", name, volume)
			}
		}
		for _, n := range s.Networks {
			if _, ok := c.Networks[n]; !ok {
				t.Errorf("%s: network %s is not declared", name, n)
			}
		}
		want := []string(nil)
		if name == "handrail" {
			want = []string{"127.0.0.1:8642:8642"}
		} else if len(s.Healthcheck.Test) == 0 {
			t.Errorf("%s: no health check", name)
		}
		if !reflect.DeepEqual(s.Ports, want) {
			t.Errorf("%s publishes %v, want %v", name, s.Ports, want)
		}
	}
	if !strings.Contains(string(text), "--appendonly yes") {
		t.Error("Redis keeps no append-only file")
	}
}

// A variable that is not a setting would stop the container's start.
func TestDeployedVariablesAreSettings(t *testing.T) {
	settings := map[string]bool{}
	walk(reflect.ValueOf(config.Config{}), "", func(key string, _ reflect.Value, _ reflect.StructField) {
		settings[variable(key)] = true
	})
	for _, file := range []string{"../compose.yaml", "../Dockerfile", "../docs/running.md", "../README.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range regexp.MustCompile(`\bHANDRAIL_[A-Z_]+[A-Z]\b`).FindAllString(string(text), -1) {
			if !settings[name] && !strings.HasPrefix(name, "HANDRAIL_CI_") {
				t.Errorf("%s names %s, which is no setting", file, name)
			}
		}
	}
}

// The image has no C library, no zone data and no root.
func TestDockerfile(t *testing.T) {
	text, err := os.ReadFile("../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"CGO_ENABLED=0", "-trimpath", "FROM scratch", "USER 65532:65532", `CMD ["/handrail", "health"]`, "ca-certificates.crt"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s", want)
		}
	}
}
