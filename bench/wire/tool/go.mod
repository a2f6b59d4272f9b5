module bench.invalid/wire

go 1.24
