module sandbox.invalid/answers

go 1.24
