// Reads manifests as kubectl and the API server do. In: a JSON list of YAML texts. Out: for each, its objects, or what is wrong with it.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	documents "k8s.io/apimachinery/pkg/util/yaml"
	kubelet "k8s.io/kubelet/config/v1beta1"
	strict "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

type verdict struct {
	Objects []json.RawMessage `json:"objects"`
	Error   string            `json:"error"`
}

var kinds = runtime.NewScheme()

func main() {
	for _, add := range []func(*runtime.Scheme) error{
		apps.AddToScheme, autoscaling.AddToScheme, core.AddToScheme, networking.AddToScheme, policy.AddToScheme, rbac.AddToScheme,
		kubelet.AddToScheme,
	} {
		if err := add(kinds); err != nil {
			log.Fatal(err)
		}
	}
	var texts []string
	if err := json.NewDecoder(os.Stdin).Decode(&texts); err != nil {
		log.Fatal(err)
	}
	verdicts := make([]verdict, len(texts))
	for index, text := range texts {
		objects, err := read(text)
		verdicts[index] = verdict{Objects: objects}
		if err != nil {
			verdicts[index].Error = err.Error()
		}
	}
	if err := json.NewEncoder(os.Stdout).Encode(verdicts); err != nil {
		log.Fatal(err)
	}
}

func read(text string) ([]json.RawMessage, error) {
	objects := []json.RawMessage{}
	reader := documents.NewYAMLReader(bufio.NewReader(bytes.NewBufferString(text)))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return objects, nil
		}
		if err != nil {
			return objects, err
		}
		object, err := yaml.YAMLToJSONStrict(document)
		if err != nil {
			return objects, err
		}
		if err := decode(object); err != nil {
			return objects, err
		}
		objects = append(objects, object)
	}
}

// decode takes an object of a kind that Kubernetes has built in for what it must be, without unknown fields.
func decode(object []byte) error {
	var kind runtime.TypeMeta
	if err := json.Unmarshal(object, &kind); err != nil {
		return err
	}
	into, err := kinds.New(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
	if runtime.IsNotRegisteredError(err) {
		return nil
	}
	if err != nil {
		return err
	}
	strictErrors, err := strict.UnmarshalStrict(object, into)
	if err != nil {
		return fmt.Errorf("%s: %w", kind.Kind, err)
	}
	return errors.Join(strictErrors...)
}
