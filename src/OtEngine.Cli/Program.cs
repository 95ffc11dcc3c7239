using OtEngine.Cli;

return Interruption.Run(token => CommandLineRunner.Run(args, Terminal.OfProcess(token)));
