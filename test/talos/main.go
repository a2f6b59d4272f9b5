// Judges a patch as Talos does: applies it to a worker's configuration, and validates the result. In: the patch. Out: what is wrong with it.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
	"github.com/siderolabs/talos/pkg/machinery/config/validation"
	"github.com/siderolabs/talos/pkg/machinery/constants"
)

// metal is an installed node.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

func main() {
	if err := judge(os.Stdin); err != nil {
		fmt.Print(err)
		os.Exit(1)
	}
}

func judge(in io.Reader) error {
	text, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	cluster, err := generate.NewInput("edge", "https://192.0.2.10:6443", constants.DefaultKubernetesVersion, generate.WithInstallDisk("/dev/sda"))
	if err != nil {
		return err
	}
	worker, err := cluster.Config(machine.TypeWorker)
	if err != nil {
		return err
	}
	patch, err := configpatcher.LoadPatch(text)
	if err != nil {
		return err
	}
	output, err := configpatcher.Apply(configpatcher.WithConfig(worker), []configpatcher.Patch{patch})
	if err != nil {
		return err
	}
	patched, err := output.Config()
	if err != nil {
		return err
	}
	_, err = patched.Validate(metal{}, validation.WithLocal(), validation.WithStrict())
	return err
}
