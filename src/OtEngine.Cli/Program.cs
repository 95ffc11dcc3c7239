using OtEngine.Cli;

return Interruption.Run((token, lastWords) => CommandLineRunner.Run(args, Terminal.OfProcess(lastWords, token)));
