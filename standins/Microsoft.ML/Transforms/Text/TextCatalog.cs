using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Text;
using static Microsoft.ML.Transforms.Text.NgramExtractingEstimator;
using TextTransforms = Microsoft.ML.TransformsCatalog.TextTransforms;

namespace Microsoft.ML;

/// <summary>Transforms of text.</summary>
public static class TextCatalog
{
    public static TextFeaturizingEstimator FeaturizeText(this TextTransforms catalog, string outputColumnName, string inputColumnName = null) =>
        new(catalog.GetEnvironment(), outputColumnName, [inputColumnName ?? outputColumnName], null);

    public static TextFeaturizingEstimator FeaturizeText(this TextTransforms catalog, string outputColumnName, TextFeaturizingEstimator.Options options,
        params string[] inputColumnNames) =>
        new(catalog.GetEnvironment(), outputColumnName, inputColumnNames is { Length: > 0 } ? inputColumnNames : [outputColumnName], options);

    public static TextNormalizingEstimator NormalizeText(this TextTransforms catalog, string outputColumnName, string inputColumnName = null,
        TextNormalizingEstimator.CaseMode caseMode = TextNormalizingEstimator.CaseMode.Lower, bool keepDiacritics = false, bool keepPunctuations = true,
        bool keepNumbers = true) =>
        new(catalog.GetEnvironment(), new TextNormalization(caseMode, keepDiacritics, keepPunctuations, keepNumbers), (outputColumnName, inputColumnName ?? outputColumnName));

    public static WordTokenizingEstimator TokenizeIntoWords(this TextTransforms catalog, string outputColumnName, string inputColumnName = null,
        char[] separators = null) =>
        new(catalog.GetEnvironment(), separators, (outputColumnName, inputColumnName ?? outputColumnName));

    public static TokenizingByCharactersEstimator TokenizeIntoCharactersAsKeys(this TextTransforms catalog, string outputColumnName,
        string inputColumnName = null, bool useMarkerCharacters = true) =>
        new(catalog.GetEnvironment(), useMarkerCharacters, (outputColumnName, inputColumnName ?? outputColumnName));

    public static NgramExtractingEstimator ProduceNgrams(this TextTransforms catalog, string outputColumnName, string inputColumnName = null,
        int ngramLength = 2, int skipLength = 0, bool useAllLengths = true, int maximumNgramsCount = 10000000,
        WeightingCriteria weighting = WeightingCriteria.Tf) =>
        new(catalog.GetEnvironment(), outputColumnName, inputColumnName, ngramLength, skipLength, useAllLengths, [maximumNgramsCount], weighting);

    public static WordBagEstimator ProduceWordBags(this TextTransforms catalog, string outputColumnName, string inputColumnName = null,
        int ngramLength = 2, int skipLength = 0, bool useAllLengths = true, int maximumNgramsCount = 10000000,
        WeightingCriteria weighting = WeightingCriteria.Tf) =>
        catalog.ProduceWordBags(outputColumnName, [inputColumnName ?? outputColumnName], ngramLength, skipLength, useAllLengths, maximumNgramsCount, weighting);

    public static WordBagEstimator ProduceWordBags(this TextTransforms catalog, string outputColumnName, string[] inputColumnNames, int ngramLength = 2,
        int skipLength = 0, bool useAllLengths = true, int maximumNgramsCount = 10000000, WeightingCriteria weighting = WeightingCriteria.Tf) =>
        new(catalog.GetEnvironment(), outputColumnName, inputColumnNames, new WordBagEstimator.Options
        {
            NgramLength = ngramLength,
            SkipLength = skipLength,
            UseAllLengths = useAllLengths,
            MaximumNgramsCount = [maximumNgramsCount],
            Weighting = weighting,
        });
}
