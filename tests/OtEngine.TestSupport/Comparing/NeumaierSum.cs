namespace OtEngine.TestSupport;

/// <summary>Neumaier's sum: the error does not grow with the number of terms.</summary>
public static class NeumaierSum
{
    /// <summary>The sum of <paramref name="terms"/>, 0 if there are none.</summary>
    public static double Of(IEnumerable<double> terms)
    {
        double sum = 0, lost = 0;
        foreach (double term in terms)
        {
            double next = sum + term;
            lost += Math.Abs(sum) >= Math.Abs(term) ? sum - next + term : term - next + sum;
            sum = next;
        }

        return sum + lost;
    }
}
