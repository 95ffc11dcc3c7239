using System.Globalization;
using System.Numerics;
using OtEngine.Cli.Formats;

namespace OtEngine.Cli;

/// <summary>Turns numbers from files into what the engine takes; every complaint names file, row and value.</summary>
internal static class Inputs
{
    /// <summary>The numbers of an array, all of them finite, in the element type of the computation.</summary>
    /// <exception cref="InputFileException">The array is empty, or a value is not finite in that type.</exception>
    public static T[] Finite<T>(NumericArray array)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int infinite = Array.FindIndex(array.Values, value => !double.IsFinite(value));
        return infinite < 0 ? InRange<T>(array) : throw Bad(array, infinite, "a finite number is needed");
    }

    /// <summary>The numbers of an array in the element type of the computation; what is infinite stays so.</summary>
    /// <exception cref="InputFileException">The array is empty, or a finite value is beyond that type.</exception>
    public static T[] InRange<T>(NumericArray array)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (array.Values.Length == 0)
            throw new InputFileException(array.Name, "holds no numbers; at least one is needed");
        T[] values = Array.ConvertAll(array.Values, T.CreateSaturating);
        int beyond = Array.FindIndex(array.Values, value => double.IsFinite(value) && !T.IsFinite(T.CreateSaturating(value)));
        return beyond < 0 ? values : throw Bad(array, beyond, "a value within the range of float32 is needed, or --dtype float64");
    }

    /// <summary>A problem with the weights of two files.</summary>
    /// <param name="a">The file for side a, or null: uniform weights of total one.</param>
    /// <param name="b">The file for side b, or null.</param>
    /// <param name="rows">Atoms of side a.</param>
    /// <param name="columns">Atoms of side b.</param>
    /// <param name="state">States the problem from weights, null where there is no file.</param>
    /// <param name="optionA">The option that names a.</param>
    /// <param name="optionB">The option that names b.</param>
    /// <exception cref="InputFileException">A wrong number of weights, a negative one, or zeros only.</exception>
    /// <exception cref="CommandException">The totals differ.</exception>
    public static TProblem Weighted<T, TProblem>(string? a, string? b, int rows, int columns, Func<T[]?, T[]?, TProblem> state, string optionA = "--a", string optionB = "--b")
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T[]? weightsA = Weights<T>(a, rows, "atom of side a");
        T[]? weightsB = Weights<T>(b, columns, "atom of side b");
        try
        {
            return state(weightsA, weightsB);
        }
        catch (ProblemException e) when (e.Error == ProblemError.UnequalTotals)
        {
            throw new CommandException($"{optionA} {a ?? "(uniform)"} and {optionB} {b ?? "(uniform)"}: {e.Message}");
        }
    }

    /// <summary>A complaint about one value of an array.</summary>
    public static InputFileException Bad(NumericArray array, int index, string needed) =>
        new(array.Name, string.Create(CultureInfo.InvariantCulture, $"{array.PlaceOf(index)} is {array.Values[index]:R}; {needed}"));

    private static T[]? Weights<T>(string? path, int count, string because)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (path is null)
            return null;
        NumericArray array = NumericFile.Read(path);
        if (array.AsVector().Length != count)
            throw new InputFileException(array.Name, $"holds {array.Values.Length} weights; {count} are needed, one for each {because}");
        T[] weights = Finite<T>(array);
        bool hasMass = false;
        for (int i = 0; i < weights.Length; i++)
        {
            if (T.IsNegative(weights[i]) && weights[i] != T.Zero)
                throw Bad(array, i, "weights must be at least zero");
            hasMass |= weights[i] > T.Zero;
        }

        return hasMass ? weights : throw new InputFileException(array.Name, "holds only zero weights; at least one must be positive");
    }
}
