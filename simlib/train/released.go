package train

import "swingby/simlib/sim"

// Released returns the training of a command of the published code, drawn from its seed: data, rotation and
// initialisation as [sim.Command.Draw] makes them, in float32, with the composite point as probe and the
// samples around it held out. It records before each epoch; set Record.Every to 1 for the loss at every update, as the code prints it.
//
//	command, err := sim.Released(29)        // Figure 2c, low dimension
//	training, err := train.Released(command)
//	run, err := training.Run(ctx)
func Released(c sim.Command) (Training, error) {
	draw, err := c.Draw()
	if err != nil {
		return Training{}, err
	}
	t := Training{
		Net: Net{D: draw.Task.D(), Width: c.Hidden, Layers: c.Layers, Bias: true},
		W0:  &Weights{}, X: draw.Data.X, U: draw.Data.U,
		Optimizer: SGD(c.LearningRate), Batch: c.Batch, Epochs: c.Epochs, Precision: Float32,
		Record: Record{Probes: draw.Task.Probes(), HeldOut: draw.Test},
	}
	if c.ReLU {
		t.Net.Activation = ReLU
	}
	for _, l := range draw.Layers {
		t.W0.W, t.W0.B = append(t.W0.W, l.W), append(t.W0.B, l.B)
	}
	return t, nil
}
