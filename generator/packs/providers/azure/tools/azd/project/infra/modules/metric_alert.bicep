// Goes off when a metric is above zero within five minutes.
param name string
param summary string
param targetId string
param metricNamespace string
param metricName string
param aggregation string
param actionGroupId string
param tags object

@description('Looks at those values of the metric alone whose dimension has dimensionValue.')
param dimension string = ''
param dimensionValue string = ''

resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    description: summary
    severity: 2
    enabled: true
    scopes: [
      targetId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'above-zero'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: metricNamespace
          metricName: metricName
          timeAggregation: aggregation
          operator: 'GreaterThan'
          threshold: 0
          dimensions: empty(dimension) ? [] : [
            {
              name: dimension
              operator: 'Include'
              values: [
                dimensionValue
              ]
            }
          ]
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}
